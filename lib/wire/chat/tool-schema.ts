import { isRecord } from "../request-fields.ts"
import type { JsonSchema } from "./request.ts"

/** Deeper than any schema that people write; what is below is sent as it came. */
const LEVELS_MAX = 64

const NO_PARAMETERS: JsonSchema = { type: "object", properties: {} }

/** A tool's parameters as every target takes them: an object's schema, also where the client gave none (W-14), naming each required property once (W-26). */
export function toolParameters(parameters: JsonSchema | null): JsonSchema {
  if (parameters === null || Object.keys(parameters).length === 0) return NO_PARAMETERS
  const schema = hasDoubles(parameters, 0) ? (withoutDoubles(parameters, 0) as JsonSchema) : parameters
  return schema["type"] === undefined ? { type: "object", ...schema } : schema
}

function hasDoubles(value: unknown, level: number): boolean {
  if (value === null || typeof value !== "object" || level > LEVELS_MAX) return false
  if (Array.isArray(value)) return value.some((one) => hasDoubles(one, level + 1))
  return Object.entries(value).some(([name, member]) => (name === "required" && isDoubled(member)) || hasDoubles(member, level + 1))
}

function withoutDoubles(value: unknown, level: number): unknown {
  if (level > LEVELS_MAX) return value
  if (Array.isArray(value)) return value.map((one) => withoutDoubles(one, level + 1))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, name === "required" && isDoubled(member) ? [...new Set(member)] : withoutDoubles(member, level + 1)]))
}

/** A list of names with one twice: a property that is called `required` is a schema, and an enum of names is under another word. */
const isDoubled = (member: unknown): member is readonly string[] => Array.isArray(member) && member.every((name) => typeof name === "string") && new Set(member).size < member.length
