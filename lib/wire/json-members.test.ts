import fc from "fast-check"
import { expect, test } from "vitest"
import { asciiJson, jsonMembers, patchJsonBody, patchJsonObject } from "./json-members.ts"

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1")
const utf8 = (text: string) => Buffer.from(text, "latin1").toString("utf8")

test("every member of any object is found with its own value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"), (object, space) => {
      const text = JSON.stringify(object, null, space)
      const found = jsonMembers(text).map(({ key, valueStart, valueEnd }) => [key, JSON.parse(text.slice(valueStart, valueEnd))])
      expect(found).toEqual(Object.entries(JSON.parse(text) as object))
    }),
  )
})

test("a patch changes what it names and keeps the bytes of everything else", () => {
  const text = latin1('{ "model" : "a", "big": 12345678901234567890, "exact": 1.0, "名": "é\\u00e9\\"}" }')
  const patched = utf8(patchJsonObject(text, new Map([["model", asciiJson("工")], ["added", "[1]"]])))
  expect(patched).toBe('{"model":"\\u5de5","big": 12345678901234567890,"exact": 1.0,"名": "é\\u00e9\\"}","added":[1]}')
  expect(JSON.parse(patched)).toMatchObject({ model: "工", added: [1], 名: 'éé"}' })
})

test("a member that stands twice is sent once, as it was read", () => {
  expect(patchJsonObject('{"tier":"priority","a":1,"tier":"default"}', new Map())).toBe('{"a":1,"tier":"default"}')
  expect(patchJsonObject('{"ti\\u0065r":1,"tier":2}', new Map([["tier", null]]))).toBe("{}")
})

test("a body of which nothing changes goes on as it came, byte for byte", () => {
  const body = Buffer.from(' { "a\\"" : 1.0 , "名": "é" }\n')
  expect(patchJsonBody(body, new Map())).toBe(body)
  expect(patchJsonBody(Buffer.from('{"a":1,"a":2}'), new Map()).toString()).toBe('{"a":2}')
})

test("100,000 levels of nesting are passed without recursion", () => {
  const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"b":1}`
  expect(patchJsonObject(deep, new Map([["b", "2"]]))).toBe(deep.replace('"b":1', '"b":2'))
})
