import { ok } from "#lib/kernel/result.ts"
import { createEventStreamDecoder, type EventStreamMessage } from "./br/event-stream.ts"
import { asciiJson, patchJsonBody } from "./json-members.ts"
import type { StreamReader, StreamState } from "./raw-lane.ts"
import { objectIn } from "./request-fields.ts"
import type { Rounds } from "./rounds.ts"
import type { UpstreamLane } from "./upstream-lane.ts"

/*
 * Clouds that serve Anthropic's models take and give what Anthropic's own API does, packed otherwise: the model stands in the address, the
 * API's version in the body, and Bedrock wraps each event of a stream into a binary message.
 */

export const envelopes = {
  /** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html */
  bedrock: { version: "bedrock-2023-05-31", absent: ["model", "stream"], binary: true },
  /** https://docs.anthropic.com/en/api/claude-on-vertex-ai */
  vertex: { version: "vertex-2023-10-16", absent: ["model"], binary: false },
} as const

export type EnvelopeId = keyof typeof envelopes

/** A messages request as the cloud takes it; all other members keep their bytes. */
export function packed(body: Buffer, envelope: EnvelopeId | undefined): Buffer {
  if (envelope === undefined) return body
  const { absent, version } = envelopes[envelope]
  const changes = new Map<string, string | null>(absent.map((name) => [name, null]))
  changes.set("anthropic_version", asciiJson(version))
  return patchJsonBody(body, changes)
}

/** The same for counting its tokens: every model has one address for that, so that its name stands in the body (Vertex, count tokens for Claude). */
export function packedCount(body: Buffer, envelope: EnvelopeId | undefined, model: string): Buffer {
  if (envelope === undefined) return body
  return patchJsonBody(body, new Map([["anthropic_version", null], ["model", asciiJson(model)]]))
}

/** Bedrock refuses `text/event-stream`: what it answers is given by the address alone. */
const ANY_TYPE = { accept: "*/*" } as const

/** A lane whose channel is such a cloud. */
export function inEnvelope(lane: UpstreamLane, envelope: EnvelopeId): UpstreamLane {
  const { binary } = envelopes[envelope]
  return {
    ...lane,
    prepare(attempted) {
      const prepared = lane.prepare(attempted)
      if (!prepared.ok) return prepared
      const { value } = prepared
      // What is packed is JSON: no cloud takes forms in this way.
      const body = Buffer.isBuffer(value.body) ? packed(value.body, envelope) : value.body
      const rounds = value.rounds === undefined ? {} : { rounds: packedRounds(value.rounds, envelope) }
      return ok(binary ? { ...value, ...rounds, body, headers: { ...value.headers, ...ANY_TYPE }, openStream: () => unwrapped(value.openStream()) } : { ...value, ...rounds, body })
    },
  }
}

function packedRounds(rounds: Rounds, envelope: EnvelopeId): Rounds {
  return {
    ended: rounds.ended,
    next(found) {
      const body = rounds.next(found)
      return body === null ? null : packed(body, envelope)
    },
  }
}

const BROKEN: StreamState = { kind: "failed", words: null }

/** Reads what is wrapped in binary messages as the stream of server-sent events that it would be at Anthropic. */
function unwrapped(inner: StreamReader): StreamReader {
  const decoder = createEventStreamDecoder()
  const isBroken = () => decoder.broken !== null && inner.state.kind === "open"
  return {
    push(chunk) {
      let events = ""
      for (const message of decoder.push(chunk)) events += eventOf(message)
      return events === "" ? "" : inner.push(Buffer.from(events, "utf8"))
    },
    end: () => (isBroken() ? "" : inner.end()),
    get state() {
      return isBroken() ? BROKEN : inner.state
    },
    get seen() {
      return inner.seen
    },
    get started() {
      return inner.started
    },
    get outputTokensEstimated() {
      return inner.outputTokensEstimated
    },
    cutShort: (end) => inner.cutShort(end),
    answer: () => inner.answer?.() ?? null,
  }
}

/** Bedrock's exceptions (API reference, InvokeModelWithResponseStream, ResponseStream) as Anthropic's errors. */
const errorTypes: Readonly<Record<string, string>> = {
  throttlingException: "rate_limit_error",
  serviceUnavailableException: "overloaded_error",
  modelTimeoutException: "timeout_error",
  validationException: "invalid_request_error",
}

/** One message as a server-sent event; empty for a message that says nothing (of a kind that came later than this). */
function eventOf({ headers, payload }: EventStreamMessage): string {
  if (headers[":message-type"] === "event") {
    if (headers[":event-type"] !== "chunk") return ""
    const wrapped = objectIn(payload)
    const event = typeof wrapped?.["bytes"] === "string" ? Buffer.from(wrapped["bytes"], "base64").toString("utf8") : ""
    return namedEvent(typeOf(event), event)
  }
  const code = headers[":exception-type"] ?? headers[":error-code"] ?? ""
  const message = objectIn(payload)?.["message"] ?? headers[":error-message"] ?? code
  return namedEvent("error", JSON.stringify({ type: "error", error: { type: errorTypes[code] ?? "api_error", message } }))
}

/** Anthropic writes the type first. */
const typeOf = (event: string): string => /^\{\s*"type"\s*:\s*"(\w+)"/.exec(event)?.[1] ?? objectIn(event)?.["type"]?.toString() ?? "message"

const namedEvent = (type: string, data: string): string => `event: ${type}\ndata: ${data.replaceAll("\n", "\ndata: ")}\n\n`
