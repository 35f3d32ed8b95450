import { crc32 } from "node:zlib"

type Value = string | { readonly type: number; readonly bytes: Buffer }

/** One message of `application/vnd.amazon.eventstream`, written apart from the decoder (Smithy specification, Amazon event stream). */
export function eventStreamMessage(headers: Readonly<Record<string, Value>>, payload: Buffer | string | object): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)))
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload))
  const message = Buffer.alloc(12 + head.length + body.length + 4)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(head.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  head.copy(message, 12)
  body.copy(message, 12 + head.length)
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4)
  return message
}

function header(name: string, value: Value): Buffer {
  const written = typeof value === "string" ? Buffer.from(value) : value.bytes
  const sized = typeof value === "string" || value.type === 6
  const length = Buffer.alloc(2)
  length.writeUInt16BE(written.length)
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([typeof value === "string" ? 7 : value.type]), ...(sized ? [length] : []), written])
}

export const jsonEvent = (type: string, payload: object): Buffer => eventStreamMessage({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, payload)
export const exception = (type: string, message: string): Buffer => eventStreamMessage({ ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" }, { message })
/** One event of Anthropic's, as an object or in its bytes, as `invoke-with-response-stream` wraps it. */
export const wrappedEvent = (event: object): Buffer => jsonEvent("chunk", { bytes: (Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event))).toString("base64"), p: "abcdefgh" })
