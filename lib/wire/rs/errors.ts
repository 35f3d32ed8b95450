import { errorCodes, type GatewayError } from "#lib/kernel/error-codes.ts"
import { asciiJson } from "../json-members.ts"
import type { Seen } from "../raw-lane.ts"

/** The error of a failed response; its `code` is what clients go by. */
const failureOf = ({ code, message }: GatewayError) => ({ code: code === "insufficient_quota" || code === "context_length_exceeded" || code === "rate_limit_exceeded" ? code : errorCodes[code].openai, message })

/**
 * W-105: `response.failed` for clients that wait for the response's own end (Codex), then `error` for those that raise it (the openai
 * packages), with its members where the API reference has them and below `error`, where OpenAI's server and Vercel's AI SDK have them.
 * Nothing comes behind it. ASCII alone, so that it is one character per byte.
 */
export function encodeRsStreamError(error: GatewayError, _requestId: string, seen?: Seen): string {
  const sequence = seen?.events ?? 0
  const failed =
    seen === undefined || seen.responseId === null || sequence === 0
      ? ""
      : namedEvent("response.failed", { response: { id: seen.responseId, object: "response", status: "failed", error: failureOf(error), incomplete_details: null, output: [], usage: null }, sequence_number: sequence })
  const said = { code: error.code, message: error.message, param: error.param ?? null }
  return failed + namedEvent("error", { ...said, error: { type: errorCodes[error.code].openai, ...said }, sequence_number: failed === "" ? sequence : sequence + 1 })
}

const namedEvent = (type: string, members: object): string => `event: ${type}\ndata: ${asciiJson({ type, ...members })}\n\n`
