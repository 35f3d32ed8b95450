import { expect, test } from "vitest"
import { hashedUser } from "./end-user.ts"
import { argumentsObject } from "./tool-arguments.ts"
import { createToolNames } from "./tool-names.ts"
import { toolParameters } from "./tool-schema.ts"

test("W-22 a name that the target refuses gets an alias that it takes, the same every time, and the way back is kept", () => {
  const names = createToolNames(64)
  const refused = ["mcp.files/read all", "工具", "a".repeat(65), `${"a".repeat(65)}b`, ""]
  const sent = refused.map(names.sent)
  for (const alias of sent) expect(alias).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(new Set(sent).size).toBe(refused.length)
  expect(sent.map((alias) => names.aliases.get(alias))).toEqual(refused)
  expect(refused.map(createToolNames(64).sent)).toEqual(sent)
  expect(names.sent("get_weather-2")).toBe("get_weather-2")
  expect(names.aliases.has("get_weather-2")).toBe(false)
})

test("W-14 a tool without parameters takes an empty object, and one without a type takes an object", () => {
  expect(toolParameters(null)).toEqual({ type: "object", properties: {} })
  expect(toolParameters({})).toEqual({ type: "object", properties: {} })
  expect(toolParameters({ properties: { a: {} } })).toEqual({ type: "object", properties: { a: {} } })
})

test("W-26 a required property is named once, at every depth, and the client's own schema is not touched", () => {
  const inner = { type: "object", properties: { required: { type: "array", enum: ["a", "a"] } }, required: ["a", "b", "a"] }
  const schema = { type: "object", properties: { x: inner }, required: ["x", "x"], $defs: { y: { anyOf: [inner] } } }
  const before = JSON.stringify(schema)
  const clean = { ...inner, required: ["a", "b"] }
  expect(toolParameters(schema)).toEqual({ type: "object", properties: { x: clean }, required: ["x"], $defs: { y: { anyOf: [clean] } } })
  expect(JSON.stringify(schema)).toBe(before)
  const tidy = { type: "object", required: ["a", "b"] }
  expect(toolParameters(tidy)).toBe(tidy)
})

test("W-26 a schema of 100,000 levels is carried as it is", () => {
  const deep = JSON.parse(`${'{"properties":{"a":'.repeat(50_000)}{}${"}}".repeat(50_000)}`) as Record<string, unknown>
  expect(toolParameters(deep)["properties"]).toBe(deep["properties"])
})

test.each([
  ["", {}],
  ["  ", {}],
  ["null", {}],
  ['{"a":[1]}', { a: [1] }],
  ['{"a":', { input: '{"a":' }],
  ["[1]", { input: "[1]" }],
  ['"x"', { input: '"x"' }],
])("W-35 the arguments %j become an object", (text, expected) => {
  expect(argumentsObject(text)).toEqual(expected)
})

test("W-79 a user is told from others, and not by name", () => {
  expect(hashedUser("ann@example.com")).toMatch(/^[0-9a-f]{64}$/)
  expect(hashedUser("ann@example.com")).toBe(hashedUser("ann@example.com"))
  expect(hashedUser("ann@example.com")).not.toBe(hashedUser("bob@example.com"))
})
