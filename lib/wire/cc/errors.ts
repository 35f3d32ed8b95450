import { errorCodes, type GatewayError } from "#lib/kernel/error-codes.ts"
import { asciiJson } from "../json-members.ts"
import { dataEvent } from "../sse/event-data.ts"

/** OpenAI's error object. What the log keeps (`detail`) is never in it. */
const errorObject = ({ code, message, param }: GatewayError) => ({
  error: { message, type: errorCodes[code].openai, param: param ?? null, code },
})

export const encodeCcError = (error: GatewayError): string => JSON.stringify(errorObject(error))

/** W-105: an event with the error and no `[DONE]`. ASCII alone, so that it is one character per byte. */
export const encodeCcStreamError = (error: GatewayError): string => dataEvent(asciiJson(errorObject(error)))
