/** What has been opened and must be closed again, in the reverse order. */
export type Closers = {
  add(close: () => Promise<unknown> | void): void
  /** Closes everything once; goes on past one that fails and rejects with the first failure at the end. */
  closeAll(): Promise<void>
}

export function createClosers(): Closers {
  const closers: (() => Promise<unknown> | void)[] = []
  return {
    add: (close) => void closers.push(close),
    async closeAll() {
      const failures: unknown[] = []
      for (const close of closers.splice(0).reverse()) {
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
