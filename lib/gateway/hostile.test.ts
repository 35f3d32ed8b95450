import { describe, expect, test } from "vitest"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { expectLinear } from "#test/linear.ts"
import { whole } from "./test/fakes.ts"
import { benchAt, callHeaders, doorNames, doors, type Parts, placeNames, type PlaceName } from "./test/hostile-kit.ts"

/*
 * Bodies that nobody means well with, from clients of each dialect to channels of every kind: a clear 400, or the call goes on. What goes on
 * is refused by the provider played here, in words of its own.
 */

const plain = { type: "object", properties: {} }
const recursive = { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { child: { $ref: "#/$defs/node" } } } } }

/** Stand in a body for what no object can say: the JSON text or the bytes that are put in their place. */
const LEVELS = 100_000
const deep = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`
const marks: readonly (readonly [mark: string, bytes: string])[] = [
  ['"@deep"', deep],
  ['"@deepText"', JSON.stringify(deep)],
  ['"@proto"', '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}},"__proto__":{"polluted":true}}'],
  // The first two of the three bytes of 工.
  ["@half", "\xe5\xb7"],
]

function bytesOf(door: ClientDialect, parts: Parts): Buffer {
  const json = JSON.stringify(doors[door].body(parts))
  return Buffer.from(marks.reduce((text, [mark, bytes]) => text.replaceAll(mark, () => bytes), json), "latin1")
}

const REFUSED_UPSTREAM = "The provider wants none of it."

async function asked(door: ClientDialect, place: PlaceName, said: Partial<Parts>) {
  const parts: Parts = { texts: ["hi"], tools: [], streamed: false, ...said }
  const set = benchAt(place)
  set.upstream.script.push(whole(400, { error: { message: REFUSED_UPSTREAM, type: "invalid_request_error" } }))
  const answer = await set.start({ path: doors[door].path(parts), body: bytesOf(door, parts), headers: callHeaders }).over
  return { status: answer.status, message: String(answer.error()["message"]), calls: set.upstream.calls.length }
}

const cases: Readonly<Record<string, Partial<Parts>>> = {
  "10 MB in one text": { texts: ["x".repeat(10 * 1024 * 1024)] },
  "a schema that refers to itself": { tools: [["f", recursive]] },
  "a schema of 100,000 levels": { tools: [["f", { type: "object", properties: { a: "@deep" } }]] },
  "arguments of 100,000 levels in a call that came before": { called: { object: "@deep", text: "@deepText" } },
  "a text that ends within a character": { texts: ["abc@half"] },
  "members named __proto__ and constructor": { tools: [["__proto__", "@proto" as unknown as object]] },
}

describe.each(doorNames.flatMap((door) => placeNames.map((place) => [door, place] as const)))("from %s to %s", (door, place) => {
  test.each(Object.keys(cases))("%s is carried or refused in clear words", async (name) => {
    const { status, message, calls } = await asked(door, place, cases[name]!)
    expect(status).toBe(400)
    expect(message.length).toBeGreaterThan(10)
    expect(message.includes(REFUSED_UPSTREAM)).toBe(calls === 1)
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  })

  test("5,000 messages and 2,000 tools are carried in linear time", async () => {
    await expectLinear(async (size) => {
      // The last one is the user's.
      const texts = Array.from({ length: size % 2 === 0 ? size + 1 : size }, (_, at) => `text ${at}`)
      const tools = Array.from({ length: 0.4 * size }, (_, at) => [`tool_${at}`, plain] as const)
      expect(await asked(door, place, { texts, tools })).toMatchObject({ status: 400, calls: 1 })
    }, 625)
  })
})
