import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as delay } from "node:timers/promises"
import { OpenAI, toFile } from "#e2e/clients/latest/vendors.ts"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { faults } from "#e2e/fixtures/behaviour.ts"
import { vectorOf } from "#e2e/fixtures/dialects/around-chat.ts"
import type { ReceivedForm } from "#e2e/fixtures/form.ts"
import { createStage, keys, mounts, type Stage } from "./stage.ts"
import { readRecord } from "./usage-records.ts"

/** What every mount must do around chat for the official `openai` package. Prices are the vendors' own (OpenAI and Cohere, price pages). */
const priced = {
  embedding: { input: "0.02" },
  moderation: { input: "0" },
  rerank: { search: "0.002" },
  "image-pieces": { images: { "1024x1024/standard": "0.04", "1024x1024/hd": "0.08" } },
  "image-tokens": { input: "5", inputImage: "10", output: "40" },
  speech: { character: "0.000015" },
  transcript: { second: "0.0001" },
  legacy: { input: "1.5", output: "2" },
} as const

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain: Object.keys(priced), backed: [], priced, upstreamNames: { "image-tokens": "gpt-image-1" } })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const MIB = 1024 * 1024
const bytes = (count: number) => new Uint8Array(count).fill(7)

describe.each(mounts)("the %s mount", (mount) => {
  const client = () => new OpenAI({ baseURL: `${stage.servers[mount].origin}/api/v1`, apiKey: keys.open, maxRetries: 0, timeout: 60_000 })
  const exchange = () => stage.simulator.exchanges.at(-1)!
  const post = (path: string, body: object) =>
    fetch(`${stage.servers[mount].origin}/api/v1${path}`, { method: "POST", headers: { authorization: `Bearer ${keys.open}`, "content-type": "application/json" }, body: JSON.stringify(body) })

  test("embeddings arrive as they were asked for, in base64 by default, and cost their tokens", async () => {
    const { data, response } = await client().embeddings.create({ model: "embedding", input: ["a text", "another"] }).withResponse()
    expect(exchange().body).toMatchObject({ model: "embedding-upstream", encoding_format: "base64" })
    expect(data).toMatchObject({ model: "embedding" })
    expect(data.data.map(({ embedding }) => [...embedding])).toEqual(["a text", "another"].map((text) => [...Float32Array.from(vectorOf(JSON.stringify(text)))]))
    const floats = await client().embeddings.create({ model: "embedding", input: [[1, 2, 3]], encoding_format: "float" })
    expect(floats.data[0]?.embedding).toEqual(vectorOf("[1,2,3]"))
    const record = await readRecord(stage, response)
    // Four tokens at $0.02 per million.
    expect(record).toMatchObject({ status: "complete", usage: { input: 4, call: 1 }, chargedNanoUsd: 80n })
  })

  test("moderations and reranks are answered, and stand in the books in their own units", async () => {
    const { data, response } = await client().moderations.create({ model: "moderation", input: "some violence" }).withResponse()
    expect(data.results[0]?.flagged).toBe(true)
    expect(await readRecord(stage, response)).toMatchObject({ chargedNanoUsd: 0n })
    const ranked = await post("/rerank", { model: "rerank", query: "q", documents: Array.from({ length: 101 }, (_, index) => `d${index}`), top_n: 2 })
    expect((await ranked.json() as { results: unknown[] }).results).toHaveLength(2)
    expect(await readRecord(stage, ranked)).toMatchObject({ usage: { search: 2 }, chargedNanoUsd: 4_000_000n })
  })

  test("images cost by the piece or by the token, streamed and not", async () => {
    const { data, response } = await client().images.generate({ model: "image-pieces", prompt: "a cat", quality: "hd", n: 2 }).withResponse()
    expect(data.data).toHaveLength(2)
    expect(await readRecord(stage, response)).toMatchObject({ usage: { image: 2, images: { "1024x1024/hd": 2 } }, chargedNanoUsd: 160_000_000n })

    const { data: stream, response: streamed } = await client().images.generate({ model: "image-tokens", prompt: "cats", quality: "low", size: "1024x1024", stream: true, partial_images: 1 }).withResponse()
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types).toEqual(["image_generation.partial_image", "image_generation.completed"])
    // One token of text at $5 and 272 of the image at $40 per million.
    expect(await readRecord(stage, streamed)).toMatchObject({ status: "complete", usage: { input: 1, outputImage: 272 }, chargedNanoUsd: 10_885_000n })
  })

  test("an image whose size has no price is refused by name", async () => {
    const failed: unknown = await client().images.generate({ model: "image-pieces", prompt: "a cat", size: "1792x1024" }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(OpenAI.BadRequestError)
    expect(failed).toMatchObject({ param: "quality" })
  })

  test("edits and variations pass with their images", async () => {
    const image = () => toFile(bytes(1_000), "cat.png", { type: "image/png" })
    await client().images.edit({ model: "image-tokens", prompt: "cats", image: [await image(), await image()], quality: "low", size: "1024x1024" })
    expect(exchange().body).toMatchObject({ files: ["image[]", "image[]"], fields: { model: "gpt-image-1", prompt: "cats" }, bytes: 1_000 } satisfies Partial<ReceivedForm>)
    const { response } = await client().images.createVariation({ model: "image-pieces", image: await image() }).withResponse()
    expect(await readRecord(stage, response)).toMatchObject({ chargedNanoUsd: 40_000_000n })
  })

  test("speech comes piece by piece, while the provider is still speaking, and costs its characters", async () => {
    stage.simulator.script("speech-upstream", { delivery: { frameEveryMs: 150 } })
    const startedAt = performance.now()
    const response = await client().audio.speech.create({ model: "speech", voice: "alloy", input: "one two three four five six" })
    const pieces: Uint8Array[] = []
    let firstMs = 0
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      firstMs ||= performance.now() - startedAt
      pieces.push(piece)
    }
    expect(performance.now() - startedAt - firstMs).toBeGreaterThan(300)
    expect(Buffer.concat(pieces).toString("latin1")).toBe("\0one\u0001 two\u0002 three\u0003 four\u0004 five\u0005 six")
    expect(response.headers.get("content-type")).toBe("audio/mpeg")
    // 27 characters at $15 per million.
    expect(await readRecord(stage, response)).toMatchObject({ status: "complete", usage: { character: 27 }, chargedNanoUsd: 405_000n })
  })

  test("speech that breaks off is a broken download, never a short one", async () => {
    stage.simulator.script("speech-upstream", faults.brokenStream)
    const response = await client().audio.speech.create({ model: "speech", voice: "alloy", input: "one two three four five six" })
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect(await readRecord(stage, response)).toMatchObject({ status: "interrupted" })
  })

  test("a transcription with its file first costs the seconds that it reports; streamed and as text it comes too", async () => {
    const audio = () => toFile(bytes(64_000), "speech.mp3", { type: "audio/mpeg" })
    const { data, response } = await client().audio.transcriptions.create({ file: await audio(), model: "transcript", language: "de" }).withResponse()
    expect(data.text).toBe("I heard 64000 bytes.")
    expect(exchange().body).toMatchObject({ fields: { model: "transcript-upstream", language: "de" }, files: ["file"] })
    // Four seconds at $0.006 a minute.
    expect(await readRecord(stage, response)).toMatchObject({ status: "complete", usage: { second: 4 }, chargedNanoUsd: 400_000n })
    let heard = ""
    for await (const event of await client().audio.transcriptions.create({ model: "transcript", file: await audio(), stream: true })) if (event.type === "transcript.text.delta") heard += event.delta
    expect(heard).toBe("I heard 64000 bytes.")
    expect(await client().audio.transcriptions.create({ model: "transcript", file: await audio(), response_format: "text" })).toBe("I heard 64000 bytes.\n")
    expect(await client().audio.translations.create({ model: "transcript", file: await audio() })).toMatchObject({ text: "I heard 64000 bytes." })
  })

  test.each(["model first", "file first"] as const)("a file far beyond the body limit goes through whole with the memory bounded: %s", async (order) => {
    stage.simulator.readFormsSlowly(5)
    const fileBytes = 192 * MIB
    const memory = watchMemory(stage.servers[mount].child.pid!)
    const { body, headers, digest } = largeForm(fileBytes, order)
    const response = await send(`${stage.servers[mount].origin}/api/v1/audio/transcriptions`, { authorization: `Bearer ${keys.open}`, ...headers }, body)
    expect(JSON.parse(response.text)).toMatchObject({ text: `I heard ${fileBytes} bytes.` })
    const grown = await memory.stop()
    expect(exchange().body).toMatchObject({ bytes: fileBytes, digest })
    // Pieces that wait for the garbage collector count too; what is held would be all of it.
    expect(grown).toBeLessThan(128 * MIB)
    expect(await readRecord(stage, response)).toMatchObject({ usage: { second: Math.ceil(fileBytes / 16_000) } })
  })

  test("legacy completions pass, streamed and not, with their own usage", async () => {
    const { data, response } = await client().completions.create({ model: "legacy", prompt: "Once upon a time", max_tokens: 50 }).withResponse()
    expect(data).toMatchObject({ model: "legacy", choices: [{ text: "You said: Once upon a time" }] })
    // 4 tokens at $1.50 and 7 at $2 per million.
    expect(await readRecord(stage, response)).toMatchObject({ status: "complete", usage: { input: 4, output: 7 }, chargedNanoUsd: 20_000n })
    const { data: stream, response: streamed } = await client().completions.create({ model: "legacy", prompt: ["a", "b"], stream: true }).withResponse()
    const texts = ["", ""]
    for await (const chunk of stream) for (const { index, text } of chunk.choices) texts[index] += text
    expect(texts).toEqual(["You said: a", "You said: b"])
    expect(await readRecord(stage, streamed)).toMatchObject({ status: "complete" })
  })

  test("a model without a price in the unit of what is asked is 402", async () => {
    const failed: unknown = await client().embeddings.create({ model: "speech", input: "x" }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ status: 402, code: "model_without_price" })
  })
})

/** A form whose file is made while it is sent. The digest is that of the form as the provider must get it. */
function largeForm(fileBytes: number, order: "model first" | "file first") {
  const boundary = "e2e-large-form"
  const field = (model: string) => `--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\n${model}\r\n`
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.wav"\r\ncontent-type: audio/wav\r\n\r\n`
  const [before, after] = order === "model first" ? [`${field("MODEL")}${file}`, "\r\n"] : [file, `\r\n${field("MODEL")}`]
  const end = `--${boundary}--\r\n`
  const piece = Buffer.alloc(256 * 1024, "audio bytes, ")
  const text = (part: string, model: string) => Buffer.from(part.replace("MODEL", model))
  const hash = createHash("sha256").update(text(before, "transcript-upstream"))
  for (let sent = 0; sent < fileBytes; sent += piece.length) hash.update(piece)
  const digest = hash.update(text(after + end, "transcript-upstream")).digest("hex")
  async function* body() {
    yield text(before, "transcript")
    for (let sent = 0; sent < fileBytes; sent += piece.length) yield piece
    yield text(after + end, "transcript")
  }
  const length = text(before, "transcript").length + fileBytes + text(after + end, "transcript").length
  return { body: body(), digest, headers: { "content-type": `multipart/form-data; boundary=${boundary}`, "content-length": String(length) } }
}

/** Posts a body with its length announced, as the command line's clients do (`fetch` announces none for a body that is made while it is sent). */
function send(url: string, headers: Readonly<Record<string, string>>, body: AsyncIterable<Buffer>): Promise<{ readonly text: string; readonly headers: Headers }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", headers }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => resolve({ text: Buffer.concat(chunks).toString(), headers: new Headers(response.headers as Record<string, string>) }))
    })
    pipeline(Readable.from(body), sending).catch(reject)
  })
}

/** How far a process's memory rises above what it has now. */
function watchMemory(pid: number) {
  const resident = () => Number(/VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024
  const before = resident()
  let highest = before
  let running = true
  const watched = (async () => {
    while (running) {
      highest = Math.max(highest, resident())
      await delay(20)
    }
  })()
  return {
    async stop(): Promise<number> {
      running = false
      await watched
      return highest - before
    },
  }
}
