/**
 * What `work` returns; null where it writes a value that is nested deeper than can be written: `JSON.parse` reads any depth, and
 * `JSON.stringify` recurses. Such values come of clients and of providers alike.
 */
export function unlessTooDeep<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** A value as JSON. */
export const jsonText = (value: unknown): string | null => unlessTooDeep(() => JSON.stringify(value))
