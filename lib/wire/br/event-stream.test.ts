import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { createEventStreamDecoder, type EventStreamMessage } from "./event-stream.ts"
import { eventStreamMessage, exception, jsonEvent } from "./test/event-stream-writer.ts"

const decode = (...chunks: readonly Buffer[]) => {
  const decoder = createEventStreamDecoder()
  const messages = chunks.flatMap((chunk) => decoder.push(chunk).map(copied))
  return { messages, broken: decoder.broken }
}
/** A payload may be a view of its piece. */
const copied = ({ headers, payload }: EventStreamMessage) => ({ headers: { ...headers }, payload: payload.toString("utf8") })

const stream = Buffer.concat([jsonEvent("messageStart", { role: "assistant" }), jsonEvent("contentBlockDelta", { delta: { text: "héllo 世界" } }), exception("throttlingException", "slow down"), eventStreamMessage({}, "")])

test("a message's headers and payload are read", () => {
  expect(decode(stream)).toEqual({
    broken: null,
    messages: [
      { headers: { ":event-type": "messageStart", ":content-type": "application/json", ":message-type": "event" }, payload: '{"role":"assistant"}' },
      { headers: expect.objectContaining({ ":event-type": "contentBlockDelta" }) as unknown, payload: '{"delta":{"text":"héllo 世界"}}' },
      { headers: expect.objectContaining({ ":exception-type": "throttlingException" }) as unknown, payload: '{"message":"slow down"}' },
      { headers: {}, payload: "" },
    ],
  })
})

test("W-101 wherever the network cuts it, the same messages come", () => {
  const whole = decode(stream).messages
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length]
      expect(decode(...places.slice(1).map((end, index) => stream.subarray(places[index], end)))).toEqual({ messages: whole, broken: null })
    }),
  )
  expect(decode(...Array.from(stream, (byte) => Buffer.from([byte])))).toEqual({ messages: whole, broken: null })
})

test("headers of every type are passed over, and texts behind them are read", () => {
  const bytes = (type: number, length: number) => ({ type, bytes: Buffer.alloc(length, 7) })
  const message = eventStreamMessage({ a: bytes(0, 0), b: bytes(1, 0), c: bytes(2, 1), d: bytes(3, 2), e: bytes(4, 4), f: bytes(5, 8), g: bytes(6, 5), h: bytes(8, 8), i: bytes(9, 16), ":event-type": "chunk" }, "x")
  expect(decode(message)).toEqual({ messages: [{ headers: { ":event-type": "chunk" }, payload: "x" }], broken: null })
})

const changed = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(jsonEvent("messageStart", { role: "assistant" }))
  change(bytes)
  return bytes
}

test.each([
  ["a prelude that was altered", changed((bytes) => bytes.writeUInt8(1, 3)), "a prelude's checksum is wrong"],
  ["a payload that was altered", changed((bytes) => bytes.writeUInt8(0, bytes.length - 6)), "a message's checksum is wrong"],
  ["a checksum that was altered", changed((bytes) => bytes.writeUInt8(bytes[bytes.length - 1]! ^ 1, bytes.length - 1)), "a message's checksum is wrong"],
  ["a web page", Buffer.from("<html><body>502 Bad Gateway</body></html>"), "a prelude's checksum is wrong"],
  ["a header of an unknown type", eventStreamMessage({ a: { type: 12, bytes: Buffer.alloc(1) } }, ""), "a message's headers are unreadable"],
  ["a header that is longer than its place", eventStreamMessage({ a: { type: 5, bytes: Buffer.alloc(2) } }, ""), "a message's headers are unreadable"],
])("%s ends the stream as broken, and nothing comes of it", (_, bytes, why) => {
  expect(decode(jsonEvent("messageStart", {}), bytes, stream)).toMatchObject({ broken: why, messages: [{ payload: "{}" }] })
})

test("what announces itself as larger than any message may be is not waited for", () => {
  const prelude = eventStreamMessage({}, "").subarray(0, 12)
  const announced = Buffer.from(prelude)
  announced.writeUInt32BE(0x7fffffff, 0)
  const { crc32 } = process.getBuiltinModule("node:zlib")
  announced.writeUInt32BE(crc32(announced.subarray(0, 8)), 8)
  expect(decode(announced).broken).toBe("a message is larger than any may be")
})

test("W-103 a message of 8 MB in small pieces takes linear time", async () => {
  await expectLinear((size) => {
    const message = jsonEvent("chunk", { bytes: "A".repeat(size) })
    const decoder = createEventStreamDecoder()
    let count = 0
    for (let at = 0; at < message.length; at += 500) count += decoder.push(message.subarray(at, at + 500)).length
    expect(count).toBe(1)
  }, 1_000_000)
})

test("arbitrary bytes never throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void decode(Buffer.from(bytes))))
  const head = fc.uint8Array({ maxLength: 60 })
  fc.assert(fc.property(head, (bytes) => void decode(eventStreamMessage({ x: { type: bytes[0] ?? 0, bytes: Buffer.from(bytes) } }, "p"))))
})
