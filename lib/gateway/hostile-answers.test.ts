import { crc32 } from "node:zlib"
import { describe, expect, test } from "vitest"
import { eventStreamMessage } from "#lib/wire/br/test/event-stream-writer.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { expectLinear } from "#test/linear.ts"
import { benchAt, callHeaders, doorNames, doors, placeNames, type PlaceName } from "./test/hostile-kit.ts"
import { packingAt, type Said, streamedAnswer, wholeAnswer } from "./test/played-answers.ts"

/*
 * Answers that nobody means well with, from channels of every kind to clients of each dialect: a right answer, or an end in clear words, and in
 * both cases one record that says which.
 */

const PIECE_BYTES = 16 * 1024

type Played = { readonly said: Said; readonly streamed: boolean; readonly change?: (frames: readonly Buffer[]) => readonly Buffer[] }

async function answered(door: ClientDialect, place: PlaceName, { said, streamed, change = (frames) => frames }: Played) {
  const parts = { texts: ["hi"], tools: [["f", { type: "object", properties: {} }]], streamed } as const
  const set = benchAt(place)
  set.upstream.script.push(({ request, sink }) => {
    const packing = packingAt(request.url)
    const isBinary = packing.dialect === "br" || packing.wrapped
    const bytes = Buffer.concat(change(streamed ? streamedAnswer(packing, said) : [wholeAnswer(packing, said)]))
    sink.onHead(200, { "content-type": !streamed ? "application/json" : isBinary ? "application/vnd.amazon.eventstream" : "text/event-stream" })
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) sink.onData(bytes.subarray(at, at + PIECE_BYTES))
    sink.onEnd()
  })
  const answer = await set.start({ path: doors[door].path(parts), body: JSON.stringify(doors[door].body(parts)), headers: callHeaders }).over
  const isWhole = answer.status === 200 && (!streamed || answer.body.includes(ends[door]))
  expect(answer.ended).toBe(true)
  expect(set.settled.map(({ status }) => status === "complete")).toEqual([isWhole])
  expect(set.quotas.openHolds()).toBe(0)
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  return { isWhole, body: answer.body, status: answer.status, calls: set.upstream.calls.length }
}

/** What stands in a stream of each dialect that is whole. */
const ends = { cc: "data: [DONE]", rs: '"type":"response.completed"', am: '"type":"message_stop"', gm: '"finishReason":"STOP"' } as const satisfies Record<ClientDialect, string>

const LEVELS = 100_000
const deep = `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`
const polluting = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'

describe.each(doorNames.flatMap((door) => placeNames.map((place) => [door, place] as const)))("to %s from %s", (door, place) => {
  describe.each([false, true])("streamed: %s", (streamed) => {
    test("a call whose arguments have members named __proto__ and constructor arrives with them", async () => {
      const { isWhole, body } = await answered(door, place, { said: { text: "so", args: polluting }, streamed })
      expect(isWhole).toBe(true)
      expect(body.replaceAll("\\", "")).toContain('"__proto__":{"polluted":true}')
    })

    // The first two of the three bytes of 工.
    test("a text that ends within a character arrives without it", async () => {
      const { isWhole, body } = await answered(door, place, { said: { text: "abc\xe5\xb7" }, streamed })
      expect(isWhole).toBe(true)
      expect(body).toContain("abc�")
    })

    test("arguments of 100,000 levels arrive whole, or the call ends in an error", async () => {
      const { isWhole, body } = await answered(door, place, { said: { text: "so", args: deep }, streamed })
      expect(isWhole ? body.length > LEVELS : body.includes('"error"')).toBe(true)
    })
  })

  test("an event of 1 MB is carried in linear time", async () => {
    await expectLinear(async (size) => {
      const { isWhole, body } = await answered(door, place, { said: { text: "x".repeat(size) }, streamed: true })
      expect([isWhole, body.length >= size]).toEqual([true, true])
    }, 128 * 1024)
  })
})

/** A message of Bedrock's whose head says something else, under a checksum that is right. */
function announcing(message: Buffer, { length = message.length, headers = message.readUInt32BE(4) }): Buffer {
  const lying = Buffer.from(message)
  lying.writeUInt32BE(length, 0)
  lying.writeUInt32BE(headers, 4)
  lying.writeUInt32BE(crc32(lying.subarray(0, 8)), 8)
  return lying
}

function altered(message: Buffer, at: number): Buffer {
  const bytes = Buffer.from(message)
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = bytes[place]! ^ 0xff
  return bytes
}

const ofHeaders = (count: number) => eventStreamMessage({ ":message-type": "event", ":event-type": "weather", ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, "h".repeat(60_000)])) }, "{}")
const event = (payload: string) => eventStreamMessage({ ":event-type": "contentBlockDelta", ":message-type": "event" }, payload)

/** What comes of Bedrock in the place of a stream's last message but one. */
const faults: Readonly<Record<string, (message: Buffer) => Buffer>> = {
  "a message that is announced longer than it is": (message) => announcing(message, { length: message.length + 100_000 }),
  "a message that is announced shorter than it is": (message) => announcing(message, { length: message.length - 1 }),
  "a message that is announced with two gigabytes": (message) => announcing(message, { length: 0x7fffffff }),
  "a message shorter than its own head": (message) => announcing(message, { length: 3 }),
  "headers that are announced longer than their message": (message) => announcing(message, { headers: message.length }),
  "a head whose checksum is wrong": (message) => altered(message, 8),
  "a message whose checksum is wrong": (message) => altered(message, -1),
  "a payload that was altered": (message) => altered(message, -8),
  "180 KB of headers": () => ofHeaders(3),
  "an event that is no JSON": () => event("not json"),
  "a web page": () => Buffer.from("<html><body>502 Bad Gateway</body></html>"),
}

describe.each(doorNames.flatMap((door) => (["bedrock-nova", "bedrock-claude"] as const).map((place) => [door, place] as const)))("Bedrock's binary stream to %s from %s", (door, place) => {
  test.each(Object.entries(faults))("with %s ends in an error behind what came before it, and is asked for once", async (_, fault) => {
    const { isWhole, body, status, calls } = await answered(door, place, { said: { text: "before" }, streamed: true, change: (frames) => [...frames.slice(0, -2), fault(frames.at(-2)!), frames.at(-1)!] })
    expect({ isWhole, status, calls }).toEqual({ isWhole: false, status: 200, calls: 1 })
    expect(body).toContain("before")
    expect(body).toContain('"error"')
  })

  test("with headers that are as long as they may be is read past them", async () => {
    const { isWhole, body } = await answered(door, place, { said: { text: "before" }, streamed: true, change: (frames) => [frames[0]!, ofHeaders(2), ...frames.slice(1)] })
    expect([isWhole, body.includes("before")]).toEqual([true, true])
  })
})
