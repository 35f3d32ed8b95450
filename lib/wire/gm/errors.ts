import { errorCodes, type GatewayError } from "#lib/kernel/error-codes.ts"
import { asciiJson } from "../json-members.ts"
import type { Seen } from "../raw-lane.ts"
import { dataEvent } from "../sse/event-data.ts"

const TYPES = "type.googleapis.com/google.rpc"

/**
 * Google's error object (https://google.aip.dev/193), with the details that its clients act upon: the reason, the field at fault, and when
 * to try again. What the log keeps (`detail`) is never in it.
 */
function errorObject({ code, message, status, param, retryAfterSeconds }: GatewayError, requestId: string) {
  const row = errorCodes[code]
  const details: object[] = [
    { "@type": `${TYPES}.ErrorInfo`, reason: code.toUpperCase(), domain: "turnpike" },
    { "@type": `${TYPES}.RequestInfo`, requestId },
  ]
  if (param !== undefined) details.push({ "@type": `${TYPES}.BadRequest`, fieldViolations: [{ field: param, description: message }] })
  if (retryAfterSeconds !== undefined) details.push({ "@type": `${TYPES}.RetryInfo`, retryDelay: `${retryAfterSeconds}s` })
  return { error: { code: status ?? row.status, message, status: row.gemini, details } }
}

export const encodeGmError = (error: GatewayError, requestId: string): string => JSON.stringify(errorObject(error, requestId))

/** W-105: an event with the error, and nothing behind it. ASCII alone, so that it is one character per byte. */
export const encodeGmStreamError = (error: GatewayError, requestId: string): string => dataEvent(asciiJson(errorObject(error, requestId)))

/** The same in a list, which it ends. */
export const encodeGmListError = (error: GatewayError, requestId: string, seen?: Seen): string => `${(seen?.events ?? 0) > 0 ? ",\n" : "["}${asciiJson(errorObject(error, requestId))}]`
