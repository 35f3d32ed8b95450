import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { CacheMark } from "./chat/part.ts"
import { type Fields, isAbsent, isRecord } from "./request-fields.ts"

/** What a request's decoder has come upon so far. The first thing that is wrong is the one that the client is told of (W-132). */
export type Reading = {
  readonly error: GatewayError | null
  /** What no other dialect has a word for, by its place in the request (W-78). */
  readonly dropped: readonly string[]
  refuse(param: string, why: string): void
  drop(path: string): void
}

export function createReading(): Reading {
  let error: GatewayError | null = null
  const dropped = new Set<string>()
  return {
    get error() {
      return error
    },
    get dropped() {
      return [...dropped]
    },
    refuse(param, why) {
      error ??= { code: "invalid_request", message: `${param}: ${why}`, param }
    },
    drop(path) {
      dropped.add(path)
    },
  }
}

/** The elements of a list of objects with their places; anything else is refused. */
export function records(value: unknown, path: string, reading: Reading): readonly (readonly [value: Fields, path: string])[] {
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) {
    reading.refuse(path, "must be a list.")
    return []
  }
  return (value as readonly unknown[]).flatMap((one, index) => {
    const place = `${path}[${index}]`
    if (isRecord(one)) return [[one, place] as const]
    reading.refuse(place, "must be an object.")
    return []
  })
}

/** A text that must be there. */
export function text(value: unknown, path: string, reading: Reading): string {
  if (typeof value === "string") return value
  reading.refuse(path, "must be a text.")
  return ""
}

/** A number that may be absent. */
export function optionalNumber(value: unknown, path: string, reading: Reading): number | null {
  if (isAbsent(value)) return null
  if (typeof value === "number" && Number.isFinite(value)) return value
  reading.refuse(path, "must be a number.")
  return null
}

export const optionalText = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** A block's `cache_control` as a member of a part or a tool; nothing where there is none. */
export function cacheOf({ cache_control }: Fields): { readonly cache?: CacheMark } {
  if (!isRecord(cache_control)) return {}
  const ttl = cache_control["ttl"]
  return { cache: { ttl: ttl === "5m" || ttl === "1h" ? ttl : null } }
}
