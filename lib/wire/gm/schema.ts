import type { JsonSchema } from "../chat/request.ts"
import { type Fields, isRecord } from "../request-fields.ts"

/*
 * JSON Schema in the subset that Gemini's `Schema` has (https://ai.google.dev/api/caching#Schema): what it has no word for is rewritten
 * where it can be said otherwise, and else left out (W-81 to W-86). For models that take JSON Schema itself see json-schema.ts.
 */

/** Deeper than any schema that people write; what is below may be anything. */
export const LEVELS_MAX = 32
/** A definition within itself: it is written so many times, and then an object without properties stands for it (W-83). */
const RECURSIONS_MAX = 2
/** Places that references may add to the schemas of one request: two definitions that name each other twice would double without end. */
export const REFERRED_PLACES_MAX = 5_000
/** Merged `allOf` in a chain. */
const MERGES_MAX = 32

const kept = ["title", "description", "minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "minimum", "maximum"] as const
/** Schema reference, format. */
const formats: Readonly<Record<string, readonly string[]>> = { NUMBER: ["float", "double"], INTEGER: ["int32", "int64"], STRING: ["enum", "date-time"] }
const types: Readonly<Record<string, string>> = { string: "STRING", number: "NUMBER", integer: "INTEGER", boolean: "BOOLEAN", object: "OBJECT", array: "ARRAY", null: "NULL" }

/** Where nothing is said of a value, it may be any of these. */
const ANYTHING: Fields = { anyOf: [{ type: "STRING" }, { type: "NUMBER" }, { type: "BOOLEAN" }, { type: "OBJECT" }] }
const CUT: Fields = { type: "OBJECT" }
const PLAIN_ITEMS: Fields = { type: "STRING" }

/** Writes the schemas of one request, which share one bound on what their references add. */
export function createSchemaWriter(): (schema: JsonSchema) => Fields {
  const budget = { left: REFERRED_PLACES_MAX }
  return (schema) => written(schema, { root: schema, level: 0, trail: [], budget })
}

export type Place = {
  readonly root: JsonSchema
  readonly level: number
  /** The references that lead here. */
  readonly trail: readonly string[]
  readonly budget: { left: number }
}

function written(value: unknown, place: Place): Fields {
  if (!isRecord(value)) return ANYTHING
  if (place.level > LEVELS_MAX || (place.trail.length > 0 && place.budget.left-- <= 0)) return CUT
  const followed = follow(value, place)
  if (followed === null) return CUT
  const schema = merged(followed.schema, followed.place)
  const inner = { ...followed.place, level: place.level + 1 }
  const { type, nullable, others } = typesOf(schema)
  if (others.length > 0) return { ...wordsOf(schema), ...(nullable && { nullable }), anyOf: [type, ...others].map((one) => written({ ...schema, type: one, anyOf: undefined, oneOf: undefined }, inner)) }

  const choices = alternatives(schema)
  if (choices.length > 0) return chosen(schema, choices, nullable, inner)
  const base: Record<string, unknown> = { ...wordsOf(schema), ...(nullable && { nullable }) }
  const enumeration = enumOf(schema)
  const own = type ?? implied(schema, enumeration)
  if (own === null) return Object.keys(base).length === 0 ? ANYTHING : { ...base, ...ANYTHING }
  base["type"] = types[own] ?? "STRING"
  const format = schema["format"]
  if (typeof format === "string" && formats[base["type"] as string]?.includes(format)) base["format"] = format
  // Gemini enumerates texts alone: what others may be is said in words, so that they keep their type (W-85).
  if (enumeration !== null && own === "string") base["enum"] = enumeration.filter((one) => one !== null).map((one) => (typeof one === "string" ? one : JSON.stringify(one)))
  else if (enumeration !== null) base["description"] = [schema["description"], `One of: ${JSON.stringify(enumeration).slice(1, -1)}.`].filter((text) => typeof text === "string").join(" ")
  if (enumeration?.includes(null)) base["nullable"] = true
  if (own === "integer") Object.assign(base, integerBounds(schema))
  if (own === "object") Object.assign(base, objectOf(schema, inner))
  if (own === "array") base["items"] = itemsOf(schema, inner)
  return base
}

/** The schema that a reference stands for, with what stands beside it; null: there is none, or it has come too often. */
export function follow(schema: Fields, place: Place): { readonly schema: Fields; readonly place: Place } | null {
  let at = schema
  let { trail } = place
  while (typeof at["$ref"] === "string") {
    const reference = at["$ref"]
    if (trail.filter((one) => one === reference).length >= RECURSIONS_MAX || trail.length > LEVELS_MAX * RECURSIONS_MAX) return null
    const target = pointed(place.root, reference)
    if (target === null) return null
    const { $ref: _reference, ...beside } = at
    trail = [...trail, reference]
    at = { ...target, ...beside }
  }
  return { schema: at, place: { ...place, trail } }
}

/** A place within the same document (RFC 6901); others would have to be fetched. */
function pointed(root: JsonSchema, reference: string): Fields | null {
  if (!reference.startsWith("#")) return null
  let at: unknown = root
  for (const step of reference.slice(1).split("/").slice(1)) {
    const name = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~")
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, name)) return null
    at = (at as Fields)[name]
  }
  return isRecord(at) ? at : null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `allOf` says one thing in several pieces: their properties and what they require together, of all else the outermost. */
function merged(schema: Fields, place: Place): Fields {
  let result = schema
  for (let round = 0; round < MERGES_MAX && place.budget.left > 0 && Array.isArray(result["allOf"]); round++) {
    const { allOf, ...own } = result
    const pieces: readonly Fields[] = (allOf as readonly unknown[]).filter(isRecord).map((piece) => follow(piece, place)?.schema ?? {})
    place.budget.left -= pieces.filter((piece, index) => piece !== (allOf as readonly unknown[])[index]).length
    const all: readonly Fields[] = [...pieces, own]
    const properties = Object.fromEntries(all.flatMap(({ properties: some }) => (isRecord(some) ? Object.entries(some) : [])))
    const required = all.flatMap(({ required: some }) => (Array.isArray(some) ? (some as readonly unknown[]) : []))
    const deeper = pieces.flatMap(({ allOf: more }) => (Array.isArray(more) ? (more as readonly unknown[]) : []))
    const { allOf: _inner, ...plain } = all.reduce((sum, piece) => ({ ...sum, ...piece }))
    result = { ...plain, ...(Object.keys(properties).length > 0 && { properties }), ...(required.length > 0 && { required }), ...(deeper.length > 0 && { allOf: deeper }) }
  }
  return result
}

/** `["string", "null"]` is a text that may be absent (W-82); of several types each is an alternative. */
function typesOf({ type, nullable }: Fields): { readonly type: string | null; readonly nullable: boolean; readonly others: readonly string[] } {
  const all = (Array.isArray(type) ? (type as readonly unknown[]) : [type]).filter((one): one is string => typeof one === "string").map((one) => one.toLowerCase())
  const [first = null, ...others] = new Set(all.filter((one) => one !== "null" && Object.hasOwn(types, one)))
  return { type: first ?? (all.includes("null") ? "null" : null), nullable: nullable === true || (all.includes("null") && first !== null), others }
}

const alternatives = ({ anyOf, oneOf }: Fields): readonly unknown[] => (Array.isArray(anyOf) ? (anyOf as readonly unknown[]) : Array.isArray(oneOf) ? (oneOf as readonly unknown[]) : [])

/** One of several (`oneOf` too: W-81); one of them or null is that one, nullable (W-82). */
function chosen(schema: Fields, choices: readonly unknown[], nullable: boolean, place: Place): Fields {
  const real = choices.filter((choice) => !(isRecord(choice) && (choice["type"] === "null" || (Array.isArray(choice["enum"]) && choice["enum"].length === 1 && choice["enum"][0] === null) || ("const" in choice && choice["const"] === null))))
  const absent = nullable || real.length < choices.length
  const words = wordsOf(schema)
  const properties = isRecord(schema["properties"]) ? objectOf(schema, place) : {}
  const [only] = real
  if (only === undefined) return { ...words, type: "NULL" }
  if (real.length === 1) return { ...written(only, place), ...words, ...(absent && { nullable: true }) }
  return { ...words, ...(Object.keys(properties).length > 0 && { type: "OBJECT", ...properties }), ...(absent && { nullable: true }), anyOf: real.map((choice) => written(choice, place)) }
}

function enumOf(schema: Fields): readonly unknown[] | null {
  if ("const" in schema) return [schema["const"]]
  const { enum: values } = schema
  return Array.isArray(values) && values.length > 0 ? (values as readonly unknown[]) : null
}

function implied(schema: Fields, enumeration: readonly unknown[] | null): string | null {
  if (isRecord(schema["properties"])) return "object"
  if (schema["items"] !== undefined || Array.isArray(schema["prefixItems"])) return "array"
  const real = enumeration?.filter((one) => one !== null) ?? []
  if (real.length > 0) return real.every((one) => typeof one === "number") ? "number" : real.every((one) => typeof one === "boolean") ? "boolean" : "string"
  return typeof schema["pattern"] === "string" || schema["minLength"] !== undefined || schema["maxLength"] !== undefined ? "string" : null
}

/** What means the same for Gemini, with values of the right kind. */
function wordsOf(schema: Fields): Record<string, unknown> {
  const words: Record<string, unknown> = {}
  for (const name of kept) {
    const value = schema[name]
    if (typeof value === (name === "title" || name === "description" || name === "pattern" ? "string" : "number")) words[name] = value
  }
  return words
}

/** Above 3 is from 4 on, where only whole numbers count; of others the bound is left out (W-81). */
function integerBounds({ minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below }: Fields): Fields {
  return {
    ...(typeof above === "number" && { minimum: Math.max(Math.floor(above) + 1, typeof minimum === "number" ? minimum : Number.NEGATIVE_INFINITY) }),
    ...(typeof below === "number" && { maximum: Math.min(Math.ceil(below) - 1, typeof maximum === "number" ? maximum : Number.POSITIVE_INFINITY) }),
  }
}

/** Properties keep their names, whatever these are called (W-84); only those that are there can be required (W-86). */
function objectOf(schema: Fields, place: Place): Fields {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {}
  const required = Array.isArray(schema["required"]) ? [...new Set((schema["required"] as readonly unknown[]).filter((name): name is string => typeof name === "string" && Object.hasOwn(properties, name)))] : []
  return { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, written(property, place)])), ...(required.length > 0 && { required }) }
}

/** Each item by its place is no word of Gemini's: an item may be any of them. */
function itemsOf({ items, prefixItems }: Fields, place: Place): Fields {
  const each = Array.isArray(prefixItems) ? (prefixItems as readonly unknown[]) : Array.isArray(items) ? (items as readonly unknown[]) : null
  if (each === null) return isRecord(items) ? written(items, place) : PLAIN_ITEMS
  const [only] = each
  if (each.length < 2) return only === undefined ? PLAIN_ITEMS : written(only, place)
  return { anyOf: each.map((one) => written(one, place)) }
}

/** Gemini's `Schema` as JSON Schema, for targets that take that: types in lower case, `nullable` as a type, counts as numbers. */
export function jsonSchemaOf(value: unknown, level = 0): JsonSchema {
  if (!isRecord(value) || level > LEVELS_MAX) return {}
  const schema: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    switch (name) {
      case "type":
        if (typeof member === "string" && member !== "TYPE_UNSPECIFIED") schema["type"] = member.toLowerCase()
        break
      case "items":
        schema["items"] = jsonSchemaOf(member, level + 1)
        break
      case "anyOf":
      case "any_of":
        if (Array.isArray(member)) schema["anyOf"] = (member as readonly unknown[]).map((one) => jsonSchemaOf(one, level + 1))
        break
      case "properties":
        if (isRecord(member)) schema["properties"] = Object.fromEntries(Object.entries(member).map(([property, inner]) => [property, jsonSchemaOf(inner, level + 1)]))
        break
      case "nullable":
      case "example":
      case "propertyOrdering":
      case "property_ordering":
        break
      default:
        schema[counts[name] ?? name] = counts[name] !== undefined && typeof member === "string" ? Number(member) : member
    }
  }
  if (value["nullable"] !== true) return schema
  if (typeof schema["type"] === "string") return { ...schema, type: [schema["type"], "null"], ...(Array.isArray(schema["enum"]) && { enum: [...(schema["enum"] as readonly unknown[]), null] }) }
  return Array.isArray(schema["anyOf"]) ? { ...schema, anyOf: [...(schema["anyOf"] as readonly unknown[]), { type: "null" }] } : schema
}

/** Counts, by both spellings: Google writes 64-bit integers as texts (ProtoJSON format). */
const counts: Readonly<Record<string, string>> = {
  minItems: "minItems",
  min_items: "minItems",
  maxItems: "maxItems",
  max_items: "maxItems",
  minLength: "minLength",
  min_length: "minLength",
  maxLength: "maxLength",
  max_length: "maxLength",
  minProperties: "minProperties",
  min_properties: "minProperties",
  maxProperties: "maxProperties",
  max_properties: "maxProperties",
}
