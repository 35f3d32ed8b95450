import { crc32 } from "node:zlib"

/** One message of a stream: its headers of type string (`:message-type`, `:event-type`, `:exception-type`), and its payload. */
export type EventStreamMessage = { readonly headers: Readonly<Record<string, string>>; readonly payload: Buffer }

export type EventStreamDecoder = {
  /** The messages that this piece completes. A payload may be a view of the piece: it is to be read before the next one. */
  push(chunk: Buffer): readonly EventStreamMessage[]
  /** What made the stream unreadable; from then on nothing comes of it. */
  readonly broken: string | null
}

/** Total length, length of the headers, and the checksum of both. */
const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4
/** https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html and Smithy's event stream specification: 128 KiB of headers, 16 MiB of payload. */
const HEADERS_BYTES_MAX = 128 * 1024
const MESSAGE_BYTES_MAX = PRELUDE_BYTES + HEADERS_BYTES_MAX + 16 * 1024 * 1024 + CHECKSUM_BYTES

/**
 * Decodes `application/vnd.amazon.eventstream`, wherever the network cut it. Both checksums of each message are checked. Linear in what
 * comes: pieces are joined once when a message's prelude is there, and once when the message is.
 */
export function createEventStreamDecoder(): EventStreamDecoder {
  let pieces: Buffer[] = []
  let size = 0
  let needed = PRELUDE_BYTES
  let broken: string | null = null

  /** Takes every whole message from the front of `bytes`, and keeps the rest. */
  function takeFrom(bytes: Buffer): EventStreamMessage[] {
    const messages: EventStreamMessage[] = []
    let start = 0
    for (;;) {
      const left = bytes.length - start
      needed = PRELUDE_BYTES
      if (left < needed) break
      const length = bytes.readUInt32BE(start)
      broken = preludeProblem(bytes, start, length)
      if (broken !== null) return messages
      needed = length
      if (left < needed) break
      const message = readMessage(bytes.subarray(start, start + length))
      if (typeof message === "string") {
        broken = message
        return messages
      }
      messages.push(message)
      start += length
    }
    const rest = bytes.subarray(start)
    pieces = rest.length === 0 ? [] : [rest]
    size = rest.length
    return messages
  }

  return {
    push(chunk) {
      if (broken !== null || chunk.length === 0) return []
      pieces.push(chunk)
      size += chunk.length
      if (size < needed) return []
      return takeFrom(pieces.length === 1 ? chunk : Buffer.concat(pieces, size))
    },
    get broken() {
      return broken
    },
  }
}

function preludeProblem(bytes: Buffer, start: number, length: number): string | null {
  const headersLength = bytes.readUInt32BE(start + 4)
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8)) return "a prelude's checksum is wrong"
  if (length > MESSAGE_BYTES_MAX || headersLength > HEADERS_BYTES_MAX) return "a message is larger than any may be"
  return length < PRELUDE_BYTES + headersLength + CHECKSUM_BYTES ? "a message's lengths contradict each other" : null
}

function readMessage(bytes: Buffer): EventStreamMessage | string {
  const end = bytes.length - CHECKSUM_BYTES
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) return "a message's checksum is wrong"
  const payloadStart = PRELUDE_BYTES + bytes.readUInt32BE(4)
  const headers = readHeaders(bytes.subarray(PRELUDE_BYTES, payloadStart))
  return headers === null ? "a message's headers are unreadable" : { headers, payload: bytes.subarray(payloadStart, end) }
}

/** Bytes of a header's value by its type, where that is fixed: true, false, byte, short, integer, long; timestamp, UUID. */
const fixedBytes: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
const BYTE_ARRAY = 6
const STRING = 7

/** Null: they do not fill their place exactly, or have a type that there is not. */
function readHeaders(bytes: Buffer): Readonly<Record<string, string>> | null {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  let at = 0
  while (at < bytes.length) {
    const typeAt = at + 1 + bytes.readUInt8(at)
    const type = bytes[typeAt]
    if (type === undefined) return null
    const name = bytes.toString("utf8", at + 1, typeAt)
    at = typeAt + 1
    if (type !== STRING && type !== BYTE_ARRAY) {
      const length = fixedBytes[type]
      if (length === undefined) return null
      at += length
      continue
    }
    if (at + 2 > bytes.length) return null
    const valueStart = at + 2
    at = valueStart + bytes.readUInt16BE(at)
    if (at > bytes.length) return null
    if (type === STRING) headers[name] = bytes.toString("utf8", valueStart, at)
  }
  return at === bytes.length ? headers : null
}
