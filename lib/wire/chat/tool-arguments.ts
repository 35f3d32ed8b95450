import { isRecord } from "../request-fields.ts"

/**
 * A call's arguments for a target that wants an object (W-35): none are an empty one, and what is no object, such as JSON that was cut
 * off, goes as the text it is under `input`.
 */
export function argumentsObject(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
    return value === null ? {} : { input: text }
  } catch {
    return { input: text }
  }
}
