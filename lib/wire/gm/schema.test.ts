import fc from "fast-check"
import { expect, test } from "vitest"
import { createSchemaWriter, jsonSchemaOf } from "./schema.ts"

const written = (schema: object) => createSchemaWriter()(schema as Record<string, unknown>)
const property = (schema: object) => (written({ type: "object", properties: { a: schema } })["properties"] as Record<string, unknown>)["a"]

test("W-81 what Gemini has no word for is left out, or said otherwise", () => {
  const full = { $schema: "x", $id: "y", $comment: "z", type: "object", propertyNames: { pattern: "a" }, additionalProperties: false, input_examples: [{}], not: { required: ["b"] }, properties: { a: { type: "string", const: "x", contentEncoding: "base64" } } }
  expect(written(full)).toEqual({ type: "OBJECT", properties: { a: { type: "STRING", enum: ["x"] } } })
  expect(property({ oneOf: [{ type: "string" }, { type: "integer" }], description: "d" })).toEqual({ description: "d", anyOf: [{ type: "STRING" }, { type: "INTEGER" }] })
  expect(property({ type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 })).toEqual({ type: "INTEGER", minimum: 1, maximum: 9 })
  expect(property({ type: "number", exclusiveMinimum: 0 })).toEqual({ type: "NUMBER" })
  expect(written({ allOf: [{ type: "object", properties: { a: { type: "string" } }, required: ["a"] }, { properties: { b: { type: "string" } } }], required: ["b"] })).toEqual({ type: "OBJECT", properties: { a: { type: "STRING" }, b: { type: "STRING" } }, required: ["a", "b"] })
})

test("W-82 what may be null is nullable, however it is said", () => {
  for (const schema of [{ type: ["string", "null"] }, { anyOf: [{ type: "string" }, { type: "null" }] }, { oneOf: [{ type: "null" }, { type: "string" }] }, { type: "string", nullable: true }]) expect(property(schema)).toEqual({ type: "STRING", nullable: true })
  expect(property({ anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] })).toEqual({ nullable: true, anyOf: [{ type: "STRING" }, { type: "INTEGER" }] })
  expect(property({ enum: ["a", null] })).toEqual({ type: "STRING", enum: ["a"], nullable: true })
  expect(property({ type: ["string", "integer"] })).toEqual({ anyOf: [{ type: "STRING" }, { type: "INTEGER" }] })
})

test("W-83 references are written out, with what stands beside them; a definition within itself is cut", () => {
  expect(written({ type: "object", properties: { a: { $ref: "#/$defs/city", description: "where" } }, $defs: { city: { type: "string", title: "City" } } })).toEqual({ type: "OBJECT", properties: { a: { type: "STRING", title: "City", description: "where" } } })
  const tree = { type: "object", properties: { children: { type: "array", items: { $ref: "#" } } } }
  const text = JSON.stringify(written(tree))
  expect(text.match(/children/g)).toHaveLength(3)
  expect(text).toContain('"items":{"type":"OBJECT"}')
  for (const $ref of ["#/$defs/missing", "https://example.com/schema", "#/%E0%A4%A"]) expect(property({ $ref })).toEqual({ type: "OBJECT" })
  expect(property({ $ref: "#/properties/a" })).toEqual({ type: "OBJECT" })
})

test("W-83 definitions that double each other, and nesting without end, take bounded time and space", () => {
  const doubling = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d${index}`, { type: "object", properties: { a: { $ref: `#/$defs/d${index + 1}` }, b: { $ref: `#/$defs/d${index + 1}` } } }]))
  const merging = { type: "object", allOf: [{ $ref: "#" }, { $ref: "#" }] }
  let deep: object = { type: "string" }
  for (let level = 0; level < 5_000; level++) deep = { type: "object", properties: { a: deep } }
  const write = createSchemaWriter()
  for (const schema of [{ $ref: "#/$defs/d0", $defs: doubling }, merging, deep]) expect(JSON.stringify(write(schema as Record<string, unknown>)).length).toBeLessThan(2_000_000)
})

test("W-84 a property that is named default, format, type or $ref is kept", () => {
  const properties = { default: { type: "string" }, format: { type: "string" }, type: { type: "string" }, $ref: { type: "string" }, required: { type: "boolean" }, ["__proto__"]: { type: "string" } }
  const result = written(JSON.parse(JSON.stringify({ type: "object", properties, required: ["type", "format"] })) as object)
  expect(Object.keys(result["properties"] as object).sort()).toEqual(Object.keys(properties).sort())
  expect(result["required"]).toEqual(["type", "format"])
})

test("W-85 an enum of numbers keeps its type and is said in words, foreign formats are left out, an empty object is one", () => {
  expect(property({ type: "integer", enum: [1, 2], description: "How many." })).toEqual({ type: "INTEGER", description: "How many. One of: 1,2." })
  expect(property({ type: "string", enum: [1, "b"] })).toEqual({ type: "STRING", enum: ["1", "b"] })
  expect(property({ type: "string", format: "email" })).toEqual({ type: "STRING" })
  expect(property({ type: "string", format: "date-time" })).toEqual({ type: "STRING", format: "date-time" })
  expect(property({ type: "object" })).toEqual({ type: "OBJECT", properties: {} })
  expect(property({})).toEqual({ anyOf: [{ type: "STRING" }, { type: "NUMBER" }, { type: "BOOLEAN" }, { type: "OBJECT" }] })
})

test("W-86 only properties that are there are required, each once, and every array has items", () => {
  expect(written({ type: "object", properties: { a: { type: "array" } }, required: ["a", "a", "b"] })).toEqual({ type: "OBJECT", properties: { a: { type: "ARRAY", items: { type: "STRING" } } }, required: ["a"] })
  expect(property({ type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] })).toEqual({ type: "ARRAY", items: { anyOf: [{ type: "STRING" }, { type: "INTEGER" }] } })
})

/** Every member that Gemini's `Schema` has, and values of the kind that it takes. */
const members: Readonly<Record<string, string>> = { type: "string", format: "string", title: "string", description: "string", nullable: "boolean", pattern: "string", minItems: "number", maxItems: "number", minProperties: "number", maxProperties: "number", minLength: "number", maxLength: "number", minimum: "number", maximum: "number" }

function problems(schema: unknown): string[] {
  if (schema === null || typeof schema !== "object") return ["no schema"]
  const fields = schema as Record<string, unknown>
  return Object.entries(fields).flatMap(([name, value]) => {
    if (name === "properties") return Object.values(value as object).flatMap(problems)
    if (name === "items") return problems(value)
    if (name === "anyOf") return Array.isArray(value) && value.length > 0 ? value.flatMap(problems) : ["an empty anyOf"]
    if (name === "enum") return fields["type"] === "STRING" && Array.isArray(value) && value.every((one) => typeof one === "string") ? [] : ["an enum of other than texts"]
    if (name === "required") return Array.isArray(value) && value.every((one) => Object.hasOwn(fields["properties"] as object, one as string)) ? [] : ["an absent property is required"]
    return members[name] === typeof value ? [] : [`${name}: ${typeof value}`]
  })
}

test("W-81 W-82 W-83 W-84 W-85 W-86 whatever a schema says, what Gemini gets is of its subset, and nothing throws", () => {
  const name = fc.constantFrom("type", "properties", "items", "anyOf", "oneOf", "allOf", "$ref", "enum", "const", "required", "nullable", "format", "minimum", "exclusiveMinimum", "prefixItems", "description", "pattern", "minLength", "$defs", "not", "additionalProperties", "x")
  const { schema } = fc.letrec((tie) => ({
    schema: fc.dictionary(name, fc.oneof({ depthSize: "small" }, tie("value"), tie("schema")), { maxKeys: 6 }),
    value: fc.oneof(fc.constantFrom<unknown>("string", "object", "array", "integer", ["string", "null"], "#", "#/$defs/x", null, true, 3, "date-time", [1, null], ["x"]), fc.array(tie("schema"), { maxLength: 3 }), fc.dictionary(name, tie("schema"), { maxKeys: 3 })),
  }))
  fc.assert(
    fc.property(schema, (one) => {
      expect(problems(written(one as object))).toEqual([])
      jsonSchemaOf(one)
    }),
    { numRuns: 300 },
  )
})
