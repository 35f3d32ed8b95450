import fc from "fast-check"
import { expect, test } from "vitest"
import { createJsonSchemaWriter } from "./json-schema.ts"
import { request, sentToGemini } from "./test/kit.ts"

const written = (schema: object) => createJsonSchemaWriter()(schema as Record<string, unknown>)

const full = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", propertyNames: { pattern: "^a" }, additionalProperties: false, properties: { a: { type: ["string", "null"], const: "x" }, b: { oneOf: [{ type: "integer", exclusiveMinimum: 0 }, { enum: [1, null] }] } }, required: ["a", "zz"] }
const { $schema: _draft, ...asItIs } = full

test("a tool's parameters reach Gemini 2.5 and later as they are, and a schema for the answer too", () => {
  const tools = [{ kind: "function", name: "f", description: null, parameters: full, strict: null }] as const
  const { generation } = request()
  for (const model of ["gemini-2.5-flash", "gemini-3-pro-preview"]) expect(sentToGemini({ tools }, model).body).toMatchObject({ tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: asItIs }] }] })
  expect(JSON.stringify(sentToGemini({ tools }, "gemini-3-pro-preview").body.tools)).not.toContain('"parameters"')
  expect(sentToGemini({ tools }, "gemini-2.0-flash").body).toMatchObject({ tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] }] })
  expect(sentToGemini({ generation: { ...generation, format: { kind: "schema", name: null, description: null, schema: full, strict: null } } }).body.generationConfig).toMatchObject({ responseJsonSchema: asItIs })
})

test("W-83 what is referred to is written in its place with what stands beside it, and no definition is left", () => {
  const city = { type: "string", title: "City", enum: ["$ref", { $ref: "#" }] }
  expect(written({ type: "object", properties: { a: { $ref: "#/$defs/city", description: "where" }, b: { anyOf: [{ $ref: "#/$defs/city" }, { type: "null" }] }, c: { type: "array", items: { $ref: "#/$defs/city" } } }, $defs: { city } })).toEqual({
    type: "object",
    properties: { a: { ...city, description: "where" }, b: { anyOf: [city, { type: "null" }] }, c: { type: "array", items: city } },
  })
  expect(written({ definitions: { a: { type: "integer" } }, $ref: "#/definitions/a", minimum: 1 })).toEqual({ type: "integer", minimum: 1 })
})

test("W-83 a definition within itself is cut, and a reference to nothing is an object", () => {
  const tree = written({ type: "object", properties: { children: { type: "array", items: { $ref: "#" } } }, additionalProperties: false })
  expect(JSON.stringify(tree).match(/children/g)).toHaveLength(3)
  expect(JSON.stringify(tree)).not.toContain("$ref")
  for (const $ref of ["#/$defs/missing", "https://example.com/schema", "#/%E0%A4%A"]) expect(written({ type: "object", properties: { a: { $ref } } })).toEqual({ type: "object", properties: { a: { type: "object" } } })
})

test("W-83 definitions that double each other take bounded time and space, and what nests without end stays as it came", () => {
  const doubling = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d${index}`, { type: "object", properties: { a: { $ref: `#/$defs/d${index + 1}` }, b: { $ref: `#/$defs/d${index + 1}` } } }]))
  let deep: object = { $ref: "#" }
  for (let level = 0; level < 5_000; level++) deep = { type: "object", properties: { a: deep } }
  expect(JSON.stringify(written({ $ref: "#/$defs/d0", $defs: doubling })).length).toBeLessThan(2_000_000)
  expect(written({ items: deep })["items"]).toBe(deep)
})

test("W-84 a property that is named $ref, items or $defs is kept", () => {
  const properties = { $ref: { type: "string" }, items: { $ref: "#/$defs/x" }, $defs: { type: "string" } }
  expect(written({ type: "object", properties, $defs: { x: { type: "boolean" } } })).toEqual({ type: "object", properties: { ...properties, items: { type: "boolean" } } })
})

test("no schema whatsoever makes the writer throw, and what it has written it leaves as it is", () => {
  const schema = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof({ maxDepth: 3 }, fc.jsonValue({ maxDepth: 0 }), fc.record({ $ref: fc.constantFrom("#", "#/$defs/a", "#/properties/a", "x"), $defs: fc.dictionary(fc.constantFrom("a", "b"), tie("schema")), properties: fc.dictionary(fc.constantFrom("a", "$ref"), tie("schema")), items: tie("schema"), anyOf: fc.array(tie("schema"), { maxLength: 2 }) }, { requiredKeys: [] })),
  })).schema
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("properties", "items", "anyOf", "$defs"), schema), (root) => {
      const once = written(root)
      expect(JSON.stringify(written(once))).toBe(JSON.stringify(once))
    }),
  )
})
