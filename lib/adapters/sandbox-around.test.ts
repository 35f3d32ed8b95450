import { expect, test } from "vitest"
import type { UpstreamRequest } from "#lib/gateway/ports.ts"
import { aroundLanes } from "#lib/wire/around/lanes.ts"
import { aroundOperations } from "#lib/wire/around/operations.ts"
import { bench, channel, config, model, principal, target } from "#lib/gateway/test/fakes.ts"
import { listPrice } from "#lib/ledger/list-price.ts"
import { createSandbox } from "./sandbox.ts"
import { sandboxOperation } from "./sandbox-around.ts"

/** What a call brings: its status, its type and its bytes. */
function call(path: string, body: UpstreamRequest["body"], headers: Record<string, string> = {}): Promise<{ status: number; type: string; bytes: Buffer; end: string }> {
  return new Promise((resolve) => {
    const answer = { status: 0, type: "", bytes: Buffer.alloc(0), end: "" }
    createSandbox().call(
      { url: `sandbox://turnpike/v1${path}`, headers, body, allowPrivateNetwork: false },
      {
        onHead: (status, given) => void Object.assign(answer, { status, type: given["content-type"] }),
        onData: (chunk) => ((answer.bytes = Buffer.concat([answer.bytes, chunk])), true),
        onEnd: () => resolve({ ...answer, end: "whole" }),
        onFailure: ({ kind }) => resolve({ ...answer, end: kind }),
      },
    )
  })
}
const json = async (path: string, fields: object) => JSON.parse((await call(path, Buffer.from(JSON.stringify({ model: "sandbox", ...fields })))).bytes.toString()) as Record<string, unknown>
const form = Buffer.from('--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nsandbox\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n0123456789\r\n--b--\r\n')
const formHeaders = { "content-type": "multipart/form-data; boundary=b" }

test("every operation around chat has a place in the sandbox", () => {
  for (const operation of aroundOperations) expect(sandboxOperation(`sandbox://turnpike/v1/${operation.replaceAll(".", "/")}`)).toBe(operation)
  expect(sandboxOperation("sandbox://turnpike/v1/chat/completions")).toBeNull()
  expect(Object.keys(aroundLanes).sort()).toEqual([...aroundOperations].sort())
})

test("the same text has the same vector, in base64 too, and another text another", async () => {
  const vectors = async (fields: object) => ((await json("/embeddings", fields))["data"] as { embedding: number[] | string }[]).map(({ embedding }) => embedding)
  const [one, other, same] = await vectors({ input: ["a", "b", "a"], dimensions: 5 })
  expect(one).toHaveLength(5)
  expect([same, other]).toEqual([one, expect.not.arrayContaining(one as number[])])
  const [encoded] = await vectors({ input: "a", dimensions: 5, encoding_format: "base64" })
  expect([...new Float32Array(new Uint8Array(Buffer.from(encoded as string, "base64")).buffer)]).toEqual(one)
})

test("moderations flag, reranks sort, and completions continue", async () => {
  expect(await json("/moderations", { input: ["peace", "violence"] })).toMatchObject({ results: [{ flagged: false }, { flagged: true }] })
  expect(await json("/rerank", { query: "red car", documents: ["a blue car", "a red car", "a tree"], top_n: 2 })).toMatchObject({ results: [{ index: 1, relevance_score: 1 }, { index: 0, relevance_score: 0.5 }], meta: { billed_units: { search_units: 1 } } })
  expect(await json("/completions", { prompt: ["a", "b"] })).toMatchObject({ choices: [{ index: 0, text: "Sandbox: a" }, { index: 1, text: "Sandbox: b" }], usage: { total_tokens: 9 } })
})

test("images are PNG and speech is WAV that players open", async () => {
  const { data } = (await json("/images/generations", { prompt: "a cat", n: 2 })) as { data: { b64_json: string }[] }
  expect(data.map(({ b64_json }) => Buffer.from(b64_json, "base64").toString("latin1", 1, 4))).toEqual(["PNG", "PNG"])
  const { type, bytes } = await call("/audio/speech", Buffer.from('{"model":"sandbox","input":"hello"}'))
  expect([type, bytes.toString("latin1", 0, 4), bytes.readUInt32LE(40)]).toEqual(["audio/wav", "RIFF", bytes.length - 44])
})

test("a form is read whether it is held or passes, and its file is measured", async () => {
  async function* chunks() {
    for (let at = 0; at < form.length; at += 7) yield await Promise.resolve(form.subarray(at, at + 7))
  }
  for (const body of [form, { bytes: form.length, chunks }]) {
    expect(JSON.parse((await call("/audio/transcriptions", body, formHeaders)).bytes.toString())).toEqual({ text: "Sandbox: 10 bytes of audio", usage: { type: "duration", seconds: 1 } })
  }
})

test("a form that breaks off is a broken connection", async () => {
  const chunks = async function* () {
    yield await Promise.resolve(form.subarray(0, 20))
    throw new Error("the client left")
  }
  expect((await call("/audio/transcriptions", { bytes: form.length, chunks }, formHeaders)).end).toBe("closed")
})

test("triggers work around chat too", async () => {
  expect((await call("/embeddings", Buffer.from('{"model":"any/sandbox-rate-limit","input":"x"}'))).status).toBe(429)
  expect(await json("/embeddings", { model: "sandbox-no-usage", input: "x" })).not.toHaveProperty("usage")
})

test("a test key reaches all of it through the gateway, under any model's name, at the sandbox's own prices", async () => {
  const rates = listPrice("sandbox", "sandbox")
  if (rates === null) throw new Error("the sandbox has no price")
  const price = { id: "price_1" as const, rates }
  const sandbox = channel("sandbox", { providerId: "sandbox", endpoints: { cc: "sandbox://turnpike/v1" }, auth: { default: "none" }, credentials: [] })
  const gateway = bench({ config: config(model("sandbox", [target(sandbox, { upstreamModel: "sandbox", price: { cost: price, sell: price, markupPpm: null } })])), principal: principal({ test: true }), ports: { upstream: createSandbox() } })
  const asked: readonly (readonly [path: string, fields: object | null])[] = [
    ["completions", { prompt: "hi" }],
    ["embeddings", { input: "hi" }],
    ["moderations", { input: "hi" }],
    ["rerank", { query: "hi", documents: ["hi"] }],
    ["images/generations", { prompt: "hi" }],
    ["audio/speech", { input: "hi", voice: "alloy" }],
    ["audio/transcriptions", null],
    ["audio/translations", null],
  ]
  for (const [path, fields] of asked) {
    const headers = { authorization: "Bearer sk-tp-test-1", ...(fields === null && { ...formHeaders, "content-length": String(form.length) }) }
    const answer = await gateway.start({ path: `/api/v1/${path}`, headers, body: fields === null ? form : JSON.stringify({ model: "any-model", ...fields }) }).over
    expect([path, answer.status]).toEqual([path, 200])
  }
  // Two characters at $0.00001, an image at $0.01, a search at $0.001, a second at $0.0001.
  const charged = Object.fromEntries(gateway.settled.map(({ requestId, chargedNanoUsd }) => [gateway.opened.find((line) => line.requestId === requestId)?.endpoint, chargedNanoUsd]))
  expect(charged).toMatchObject({ "audio.speech": 20_000n, "images.generations": 10_000_000n, rerank: 1_000_000n, "audio.transcriptions": 100_000n })
  expect(gateway.opened.every(({ test: isTest }) => isTest)).toBe(true)
})
