import { count, type Usage, USAGE_COUNT_MAX } from "#lib/kernel/usage.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/** Two bytes a token is more than any tokenizer needs for text, code or Chinese (DESIGN.md, "How much to hold"). */
const BYTES_PER_TOKEN_HIGH = 2
export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})

export { count }

/** Seconds may have a fraction. */
export const seconds = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && number >= 0 && number <= USAGE_COUNT_MAX ? number : undefined
}

export const firstCount = (...values: readonly unknown[]): number | undefined => values.map(count).find((found) => found !== undefined)

/** A unit that was counted; nothing where it was not. */
export const known = <K extends keyof Usage>(unit: K, value: number | undefined): { readonly [U in K]?: number } =>
  (value === undefined ? {} : { [unit]: value }) as { readonly [U in K]?: number }

/** Tokens of a text of so many bytes, counted high and as they most likely are. */
export const tokensHigh = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN_HIGH)
export const tokensLikely = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

/** A whole number as JSON or a form has it; null: it is none. */
export const wholeNumber = (value: unknown): number | null => count(typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value) ?? null

/**
 * Bytes of all texts in a value, and eight for each number: what a tokenizer would have to read. Level by level and not by recursion, since
 * a client may nest as deep as it likes.
 */
export function bytesOf(value: unknown): number {
  let bytes = 0
  const left: unknown[] = [value]
  for (let next = left.pop(); next !== undefined || left.length > 0; next = left.pop()) {
    if (typeof next === "string") bytes += Buffer.byteLength(next)
    else if (typeof next === "number") bytes += BYTES_PER_NUMBER
    else if (Array.isArray(next)) for (const element of next as readonly unknown[]) left.push(element)
    else if (next !== null && typeof next === "object") {
      for (const [key, member] of Object.entries(next)) {
        bytes += Buffer.byteLength(key)
        left.push(member)
      }
    }
  }
  return bytes
}

const BYTES_PER_NUMBER = 8
