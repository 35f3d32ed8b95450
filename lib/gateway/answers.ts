import { errorCodes, type GatewayError } from "#lib/kernel/error-codes.ts"
import type { ClientLane } from "#lib/wire/raw-lane.ts"
import type { Reply, RequestHeaders } from "./exchange.ts"

/** Browsers may call with a key; cookies are neither read nor allowed, so any origin is harmless. No answer is a page, whatever it holds. */
const common = {
  "access-control-allow-origin": "*",
  "x-content-type-options": "nosniff",
  "access-control-expose-headers":
    "x-turnpike-request-id, x-turnpike-model, x-turnpike-channel, x-turnpike-cost-usd, x-turnpike-changed, x-turnpike-dropped, retry-after, x-should-retry",
} as const
const PREFLIGHT_SECONDS = "86400"
/** Statuses that a client must not try again (W-127, W-131: Claude Code sends a 401 ten times otherwise). */
const NOT_TO_BE_RETRIED: readonly number[] = [401, 402, 403]

/** Headers of every answer. The request id is ours, never the client's, and stands also where the dialect's clients look for it. */
export const replyHeaders = (requestId: string, lane?: Pick<ClientLane, "requestIdHeader">): Record<string, string> =>
  lane === undefined || lane.requestIdHeader === null ? { ...common, "x-turnpike-request-id": requestId } : { ...common, "x-turnpike-request-id": requestId, [lane.requestIdHeader]: requestId }

/** Answers JSON of ours. */
export function sendJson(reply: Reply, status: number, json: string, requestId: string, headers: Readonly<Record<string, string>> = {}): void {
  const bytes = Buffer.from(json)
  reply.head(status, { ...replyHeaders(requestId), "content-type": "application/json", "content-length": String(bytes.length), ...headers })
  reply.end(bytes)
}

/** An error in the client's dialect, with what tells it whether to try again. */
export function sendError(reply: Reply, error: GatewayError, lane: Pick<ClientLane, "encodeError" | "requestIdHeader">, requestId: string, headers: Readonly<Record<string, string>> = {}): void {
  const status = error.status ?? errorCodes[error.code].status
  sendJson(reply, status, lane.encodeError(error, requestId), requestId, {
    ...headers,
    ...(lane.requestIdHeader !== null && { [lane.requestIdHeader]: requestId }),
    ...(NOT_TO_BE_RETRIED.includes(status) && { "x-should-retry": "false" }),
    ...(error.retryAfterSeconds !== undefined && { "retry-after": String(error.retryAfterSeconds) }),
  })
}

/** The answer to a browser's question before its call. */
export function sendPreflight(reply: Reply, requested: RequestHeaders, requestId: string): void {
  const wanted = requested["access-control-request-headers"]
  reply.head(204, {
    ...replyHeaders(requestId),
    "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
    // `*` does not cover Authorization (Fetch standard), so what is asked for is named.
    "access-control-allow-headers": typeof wanted === "string" && /^[\w\-, ]{1,2000}$/.test(wanted) ? wanted : "authorization, content-type",
    "access-control-max-age": PREFLIGHT_SECONDS,
    vary: "access-control-request-headers",
  })
  reply.end()
}

/** Media types of answers that no browser makes a page of: sound, plain text, subtitles, JSON, images of dots. */
const HARMLESS_TYPE = /^(?:(?:audio|video)\/[\w.+-]+|image\/(?:png|jpeg|webp|gif)|text\/(?:plain|vtt|srt|event-stream)|application\/(?:json|ogg|x-subrip|octet-stream))$/

/**
 * A provider's media type, where it is one of those. The portal answers under the same origin, and a link can carry a key: markup of a
 * provider would be a page of ours, with the reader's session.
 */
export const answerType = (contentType: string): string => (HARMLESS_TYPE.test(contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "") ? contentType : "application/octet-stream")
