import { describe, expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { bench, channel, config, model, target, whole } from "./test/fakes.ts"

/*
 * Bodies that nobody means well with, from clients of each dialect to channels of each: a clear 400, or the call goes on. What goes on is
 * refused by the provider played here, in words of its own.
 */

type Parts = { readonly texts: readonly string[]; readonly tools: readonly (readonly [name: string, schema: object])[] }

/** The doors, and how each says texts (of user and model in turns) and offers tools. */
const doors = {
  cc: { path: "/api/v1/chat/completions", body: ({ texts, tools }: Parts) => ({ model: "public", messages: texts.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })), tools: tools.map(([name, parameters]) => ({ type: "function", function: { name, parameters } })) }) },
  rs: { path: "/api/v1/responses", body: ({ texts, tools }: Parts) => ({ model: "public", store: false, input: texts.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })), tools: tools.map(([name, parameters]) => ({ type: "function", name, parameters })) }) },
  am: { path: "/api/v1/messages", body: ({ texts, tools }: Parts) => ({ model: "public", max_tokens: 100, messages: texts.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })), tools: tools.map(([name, input_schema]) => ({ name, input_schema })) }) },
  gm: { path: "/api/v1beta/models/public:generateContent", body: ({ texts, tools }: Parts) => ({ contents: texts.map((text, at) => ({ role: at % 2 === 0 ? "user" : "model", parts: [{ text }] })), tools: [{ functionDeclarations: tools.map(([name, parametersJsonSchema]) => ({ name, parametersJsonSchema })) }] }) },
} as const

type Dialect = keyof typeof doors
const dialects = Object.keys(doors) as Dialect[]

const plain = { type: "object", properties: {} }
const recursive = { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { child: { $ref: "#/$defs/node" } } } } }

/** Stand in a body for what no object can say: the JSON text or the bytes that are put in their place. */
const LEVELS = 100_000
const marks: readonly (readonly [mark: string, bytes: string])[] = [
  ['"@deep"', `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`],
  ['"@proto"', '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}},"__proto__":{"polluted":true}}'],
  // The first two of the three bytes of 工.
  ["@half", "\xe5\xb7"],
]

function bytesOf(door: Dialect, parts: Partial<Parts>): Buffer {
  const json = JSON.stringify(doors[door].body({ texts: ["hi"], tools: [], ...parts }))
  return Buffer.from(marks.reduce((text, [mark, bytes]) => text.replaceAll(mark, () => bytes), json), "latin1")
}

const REFUSED_UPSTREAM = "The provider wants none of it."

async function asked(door: Dialect, upstream: Dialect, body: Buffer) {
  const one = target(channel("a", { providerId: { cc: "openai-compatible", rs: "openai", am: "anthropic", gm: "gemini" }[upstream], endpoints: { [upstream]: "https://a.example/v1" } }))
  const set = bench({ config: config(model("public", [one], { contextTokens: null })), settings: { bodyBytesMax: 32 * 1024 * 1024 } })
  set.upstream.script.push(whole(400, { error: { message: REFUSED_UPSTREAM, type: "invalid_request_error" } }))
  const answer = await set.start({ path: doors[door].path, body, headers: { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" } }).over
  return { status: answer.status, message: String(answer.error()["message"]), calls: set.upstream.calls.length }
}

const cases: Readonly<Record<string, Partial<Parts>>> = {
  "10 MB in one text": { texts: ["x".repeat(10 * 1024 * 1024)] },
  "a schema that refers to itself": { tools: [["f", recursive]] },
  "a schema of 100,000 levels": { tools: [["f", { type: "object", properties: { a: "@deep" } }]] },
  "a text that ends within a character": { texts: ["abc@half"] },
  "members named __proto__ and constructor": { tools: [["__proto__", "@proto" as unknown as object]] },
}

describe.each(dialects.flatMap((door) => dialects.map((upstream) => [door, upstream] as const)))("from %s to %s", (door, upstream) => {
  test.each(Object.keys(cases))("%s is carried or refused in clear words", async (name) => {
    const { status, message, calls } = await asked(door, upstream, bytesOf(door, cases[name]!))
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
      expect(await asked(door, upstream, bytesOf(door, { texts, tools }))).toMatchObject({ status: 400, calls: 1 })
    }, 625)
  })
})
