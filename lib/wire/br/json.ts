import { type Fields, isRecord } from "../request-fields.ts"

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** The object in a body or a payload; null where it holds none. */
export function parse(json: Buffer | string): Fields | null {
  try {
    const value: unknown = JSON.parse(typeof json === "string" ? json : json.toString("utf8"))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
