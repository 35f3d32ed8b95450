import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import { amClientCodec } from "./am/client-codec.ts"
import { amUpstreamCodec } from "./am/upstream-codec.ts"
import { readConverseRequest } from "./br/test/read-converse.ts"
import { brUpstreamCodec } from "./br/upstream-codec.ts"
import { ccClientCodec } from "./cc/client-codec.ts"
import { ccUpstreamCodec } from "./cc/upstream-codec.ts"
import type { ClientCodec, UpstreamCodec } from "./chat/codec.ts"
import { createNotebook } from "./chat/notes.ts"
import { type ChatField, chatFields, type ChatRequest, type OutputFormat } from "./chat/request.ts"
import type { Dialect } from "./dialect.ts"
import { gmClientCodec } from "./gm/client-codec.ts"
import { gmUpstreamCodec } from "./gm/upstream-codec.ts"
import { type ClientDialect, lanes } from "./lanes.ts"
import { rsClientCodec } from "./rs/client-codec.ts"
import { rsUpstreamCodec } from "./rs/upstream-codec.ts"
import { type Sayable, sayableRequests } from "./test/sayable.ts"

/* A request that a dialect can say is written in it and read again, and is the same: for each dialect that channels speak. */

type Codec = { readonly upstream: UpstreamCodec; readonly providerId: string; readonly model: string; readonly read: (body: Readonly<Record<string, unknown>>) => ChatRequest; readonly can: Sayable }

const reading = (dialect: ClientDialect, codec: ClientCodec) => (body: Readonly<Record<string, unknown>>) => {
  const call = lanes[dialect].readCall(Buffer.from(JSON.stringify(body)), {}, { model: "public", streamed: false })
  const request = call.ok ? codec.decodeRequest(call.value) : call
  if (!request.ok) throw new Error(request.error.message)
  return request.value
}

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false }
const formatOf = (name: string | null, strict: boolean | null): OutputFormat => ({ kind: "schema", name, description: null, schema, strict })

const codecs = {
  cc: {
    upstream: ccUpstreamCodec,
    providerId: "openai",
    model: "gpt-4o",
    read: reading("cc", ccClientCodec),
    can: { thinking: null, adjacentTexts: false, urls: true, documents: true, cache: [], picturesInResults: false, namedResults: false, failedResults: false, choices: ["auto", "any", "none", "tool"], parallelTools: [true, false], strictTools: [true, false, null], formats: [{ kind: "json" }, formatOf("answer", true)], reasonings: [], generation: ["temperature", "seed", "stop"] },
  },
  rs: {
    upstream: rsUpstreamCodec,
    providerId: "openai",
    model: "gpt-5.4",
    read: reading("rs", rsClientCodec),
    can: { thinking: "rs", adjacentTexts: true, urls: true, detail: "auto", documents: true, cache: [], picturesInResults: true, namedResults: false, failedResults: false, choices: ["auto", "any", "none", "tool"], parallelTools: [true, false], strictTools: [true, false], formats: [{ kind: "json" }, formatOf("answer", true)], reasonings: [{ kind: "effort", effort: "high", shown: true }], generation: [] },
  },
  am: {
    upstream: amUpstreamCodec,
    providerId: "anthropic",
    model: "claude-opus-4-6",
    read: reading("am", amClientCodec),
    can: { thinking: "am", adjacentTexts: true, urls: true, documents: true, cache: ["5m", "1h", null], picturesInResults: true, namedResults: false, failedResults: true, choices: ["auto", "any", "none", "tool"], parallelTools: [false], strictTools: [true, null], formats: [formatOf(null, null)], reasonings: [{ kind: "adaptive", effort: "high", shown: true }, { kind: "budget", tokens: 2_000, shown: null }], generation: ["temperature", "topK", "stop"] },
  },
  gm: {
    upstream: gmUpstreamCodec,
    providerId: "gemini",
    model: "gemini-2.5-flash",
    read: reading("gm", gmClientCodec),
    can: { thinking: "gm", adjacentTexts: true, urls: false, documents: false, cache: [], picturesInResults: false, namedResults: true, failedResults: true, choices: ["auto", "any", "none", "tool"], parallelTools: [], strictTools: [null], formats: [], reasonings: [{ kind: "budget", tokens: 2_000, shown: true }], generation: ["temperature", "topK", "seed", "stop"] },
  },
  br: {
    upstream: brUpstreamCodec,
    providerId: "bedrock",
    model: "anthropic.claude-opus-4-6-v1:0",
    read: readConverseRequest,
    can: { thinking: "br", adjacentTexts: true, urls: false, documents: true, cache: ["1h", null], picturesInResults: true, namedResults: false, failedResults: true, choices: ["auto", "any", "tool"], parallelTools: [], strictTools: [true, null], formats: [formatOf("answer", null)], reasonings: [{ kind: "adaptive", effort: "high", shown: true }, { kind: "budget", tokens: 2_000, shown: true }], generation: ["temperature", "topK", "stop"] },
  },
} as const satisfies Record<Dialect, Codec>

/** OpenAI's own chat completions have no word for thinking; of those who have, the model cannot be made to call a tool. */
const thinkingCc: Codec = { ...codecs.cc, providerId: "zhipu", model: "glm-5.3", can: { ...codecs.cc.can, thinking: "unsigned", documents: false, choices: ["auto"], parallelTools: [], strictTools: [null], formats: [{ kind: "json" }], generation: ["temperature", "stop"] } }

const fieldNames = Object.fromEntries(chatFields.map((field) => [field, field])) as Record<ChatField, string>
const marksOf = (request: ChatRequest): number => JSON.stringify(request).match(/"cache":/g)?.length ?? 0
/** Anthropic's bound, and Bedrock's: the marks before the last four are left out. */
const MARKS_MAX = 4

describe.each([...Object.entries<Codec>(codecs), ["cc with thinking", thinkingCc] as const])("%s", (_, { upstream, providerId, model, read, can }) => {
  test("what it can say is the same after it was written and read again, and nothing is said to be lost", () => {
    fc.assert(
      fc.property(sayableRequests(can), (request) => {
        fc.pre(marksOf(request) <= MARKS_MAX)
        const notes = createNotebook(fieldNames, [])
        const target = { providerId, model, outputTokensMax: 64_000, outputTokensCap: null, traits: traitsOf(model, providerId) }
        const encoded = upstream.encodeRequest(request, target, { streamed: false, notes })
        if (!encoded.ok) throw new Error(encoded.error.message)
        expect([notes.droppedPaths, notes.changes]).toEqual([[], []])
        expect(read(JSON.parse(JSON.stringify(encoded.value.body)) as Readonly<Record<string, unknown>>)).toEqual(request)
      }),
      { numRuns: 300 },
    )
  })

  test("that is about tools, results, thinking, pictures, marks, forced tools and formats wherever it has words for them", () => {
    const texts = fc.sample(sayableRequests(can), { numRuns: 300, seed: 1 }).filter((request) => marksOf(request) <= MARKS_MAX).map((request) => JSON.stringify(request))
    const expected = {
      '"kind":"toolCall"': true,
      '"kind":"toolResult"': true,
      '"kind":"image","media":{"kind":"base64"': true,
      '"kind":"image","media":{"kind":"url"': can.urls,
      '"kind":"document"': can.documents,
      '"kind":"reasoning"': can.thinking !== null,
      '"signature":': can.thinking !== null && can.thinking !== "unsigned",
      '"cache":': can.cache.length > 0,
      '"failed":true': can.failedResults,
      '"toolChoice":{"kind":"tool"': can.choices.includes("tool"),
      '"toolChoice":{"kind":"any"': can.choices.includes("any"),
      '"format":{"kind":"schema"': can.formats.some((format) => format?.kind === "schema"),
      '"reasoning":{"kind"': can.reasonings.length > 0,
    }
    expect(Object.fromEntries(Object.keys(expected).map((piece) => [piece, texts.some((text) => text.includes(piece))]))).toEqual(expected)
  })
})
