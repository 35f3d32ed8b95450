import type { JsonSchema } from "../chat/request.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { follow, LEVELS_MAX, type Place, REFERRED_PLACES_MAX } from "./schema.ts"

/*
 * JSON Schema as Gemini takes it (FunctionDeclaration.parametersJsonSchema, GenerationConfig.responseJsonSchema): as it is, but for references. A
 * place with `$ref` may have nothing beside it (GenerationConfig reference), cycles are a 400 (google-gemini/gemini-cli issue 14945), and so are
 * definitions of functions (issue 13326), so that what is referred to is written in its place (W-83).
 */

/** Words whose value is a schema, a list of schemas, or schemas by name. Of all others the value is no schema: an enum may hold anything. */
const inner: ReadonlySet<string> = new Set(["items", "additionalProperties", "additionalItems", "contains", "propertyNames", "not", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties", "anyOf", "oneOf", "allOf", "prefixItems"])
const named: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"])
const definitions: ReadonlySet<string> = new Set(["$defs", "definitions"])

/** What stands for a definition within itself. */
const CUT: Fields = { type: "object" }

/** Writes the schemas of one request, which share one bound on what their references add. One without references is the very one, less the name of its draft. */
export function createJsonSchemaWriter(): (schema: JsonSchema) => Fields {
  const budget = { left: REFERRED_PLACES_MAX }
  return (schema) => {
    const { $schema: _draft, ...root } = schema
    return hasReference(root, 0) ? written(root, { root: schema, level: 0, trail: [], budget }) : root
  }
}

/** A schema that nests deeper is looked at only so far, and then sent as it came. */
function hasReference(value: unknown, level: number): boolean {
  if (value === null || typeof value !== "object" || level > LEVELS_MAX * 2) return false
  if (Array.isArray(value)) return value.some((one) => hasReference(one, level + 1))
  return typeof (value as Fields)["$ref"] === "string" || Object.values(value).some((one) => hasReference(one, level + 1))
}

function written(value: unknown, place: Place): Fields {
  if (!isRecord(value)) return CUT
  if (place.level > LEVELS_MAX || (place.trail.length > 0 && place.budget.left-- <= 0)) return CUT
  const followed = follow(value, place)
  if (followed === null) return CUT
  const within = { ...followed.place, level: place.level + 1 }
  const each = (one: unknown): unknown => (isRecord(one) ? written(one, within) : one)
  return Object.fromEntries(
    Object.entries(followed.schema).flatMap(([word, member]): readonly [string, unknown][] => {
      if (definitions.has(word)) return []
      if (named.has(word) && isRecord(member)) return [[word, Object.fromEntries(Object.entries(member).map(([name, one]) => [name, each(one)]))]]
      if (!inner.has(word)) return [[word, member]]
      return [[word, Array.isArray(member) ? (member as readonly unknown[]).map(each) : each(member)]]
    }),
  )
}
