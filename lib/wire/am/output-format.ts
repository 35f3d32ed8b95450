import type { Notes } from "../chat/codec.ts"
import type { JsonSchema, OutputFormat } from "../chat/request.ts"
import { isRecord } from "../request-fields.ts"

export type EncodedFormat = {
  /** `output_config.format`; null: the model has no such thing, or none is wanted. */
  readonly native: Readonly<Record<string, unknown>> | null
  /** Said in the system prompt instead. */
  readonly instruction: string | null
}

const NOTHING: EncodedFormat = { native: null, instruction: null }

/** The form of the answer (W-76, W-77; structured outputs guide): native where the model has it, and otherwise asked for in words. */
export function encodeFormat(format: OutputFormat | null, native: boolean, notes: Notes): EncodedFormat {
  if (format === null) return NOTHING
  if (format.kind === "json") {
    notes.changed("format", "instruction")
    return { native: null, instruction: "Answer with one JSON object and nothing else: no introduction, no Markdown fence." }
  }
  if (!native) {
    notes.changed("format", "instruction")
    const about = format.description === null ? "" : ` (${format.description})`
    return { native: null, instruction: `Answer with JSON that follows this schema${about} and with nothing else: no introduction, no Markdown fence.\n${JSON.stringify(format.schema)}` }
  }
  const lost = new Set<string>()
  const schema = takenSchema(format.schema, lost, 0)
  if (lost.size > 0) notes.changed("format", `without ${[...lost].join("+")}`)
  return { native: { type: "json_schema", schema }, instruction: null }
}

/** Bounds that structured outputs refuse: they are told to the model in the description instead. */
const REFUSED: readonly string[] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties"]
/** Members whose names are the client's own, not the schema language's. */
const NAMED: readonly string[] = ["properties", "$defs", "definitions"]
const LEVELS_MAX = 64

/** A schema within what structured outputs take: objects closed, bounds in words. The client's own is not touched (W-78). */
function takenSchema(schema: unknown, lost: Set<string>, level: number): unknown {
  if (level > LEVELS_MAX) return schema
  if (Array.isArray(schema)) return schema.map((one) => takenSchema(one, lost, level + 1))
  if (!isRecord(schema)) return schema
  const bounds: string[] = []
  const taken: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(schema)) {
    if (REFUSED.includes(name) || (name === "minItems" && value !== 0 && value !== 1)) bounds.push(`${name}: ${JSON.stringify(value)}`)
    else if (NAMED.includes(name) && isRecord(value)) taken[name] = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, takenSchema(inner, lost, level + 1)]))
    else taken[name] = name === "enum" || name === "const" || name === "default" || name === "examples" ? value : takenSchema(value, lost, level + 1)
  }
  if (schema["type"] === "object" || isRecord(schema["properties"])) taken["additionalProperties"] = false
  if (bounds.length === 0) return taken
  for (const bound of bounds) lost.add(bound.slice(0, bound.indexOf(":")))
  return { ...taken, description: [schema["description"], bounds.join(", ")].filter((text) => typeof text === "string").join(" ") } satisfies JsonSchema
}
