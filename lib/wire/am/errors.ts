import { errorCodes, type GatewayError } from "#lib/kernel/error-codes.ts"
import { asciiJson } from "../json-members.ts"
import { amOverflowWords } from "./overflow.ts"

/** Statuses whose type is theirs, whatever our own word for the failure: `overloaded_error` is for a provider's overload (W-127). */
const typesByStatus: Readonly<Record<number, string>> = { 413: errorCodes.request_too_large.anthropic, 503: errorCodes.unavailable.anthropic }

/** Anthropic's error object (https://docs.anthropic.com/en/api/errors). What the log keeps (`detail`) is never in it. */
function errorObject({ code, message, status }: GatewayError, requestId: string) {
  const type = (status === undefined ? undefined : typesByStatus[status]) ?? errorCodes[code].anthropic
  return { type: "error", error: { type, message: code === "context_length_exceeded" ? amOverflowWords(message) : message }, request_id: requestId }
}

export const encodeAmError = (error: GatewayError, requestId: string): string => JSON.stringify(errorObject(error, requestId))

/** W-105: `event: error` with the error nested, and no `message_stop`. ASCII alone, so that it is one character per byte. */
export const encodeAmStreamError = (error: GatewayError, requestId: string): string => `event: error\ndata: ${asciiJson(errorObject(error, requestId))}\n\n`
