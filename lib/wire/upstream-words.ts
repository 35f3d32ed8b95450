/** What a provider said about a failure, in whatever dialect: for the log, and redacted for the client. */
export type UpstreamWords = {
  readonly message: string
  readonly code: string | null
  readonly param: string | null
  /** When to try again, where the words say so (Google's `RetryInfo`). */
  readonly retryAfterSeconds?: number
}

const MESSAGE_CHARACTERS_MAX = 1_000
const BODY_BYTES_READ_MAX = 64 * 1024

/**
 * Reads the error in a provider's answer. Providers write `{"error":{"message"}}`, `{"error":"…"}`, `{"message"}`, `{"msg"}` or
 * `{"detail"}`; an HTML page or anything else that is no JSON has no words for the client (W-111), so it gives null.
 */
export function readUpstreamWords(body: Buffer | string): UpstreamWords | null {
  const text = typeof body === "string" ? body : body.subarray(0, BODY_BYTES_READ_MAX).toString("utf8")
  if (!/^\s*[[{"]/.test(text)) return null
  try {
    return wordsOf(JSON.parse(text) as unknown)
  } catch {
    return null
  }
}

/** The error in an already parsed answer or stream event; null where it holds none. */
export function wordsOf(json: unknown): UpstreamWords | null {
  const outer = Array.isArray(json) ? asRecord(json[0]) : asRecord(json)
  if (outer === null) return typeof json === "string" && json !== "" ? words(json, null, null) : null
  const inner = asRecord(outer["error"])
  const message = firstText(inner?.["message"], inner?.["msg"], outer["error"], outer["message"], outer["msg"], outer["detail"])
  if (message === null && inner === null) return null
  return words(message ?? "The provider reported an error without words.", codeIn(inner) ?? outer["code"], inner?.["param"], retryIn(inner))
}

/** Google's `code` is the HTTP status, and its word stands beside it (https://google.aip.dev/193). */
const codeIn = (error: Readonly<Record<string, unknown>> | null): unknown => (typeof error?.["code"] === "number" && typeof error["status"] === "string" ? error["status"] : (error?.["code"] ?? error?.["type"]))

/** `"retryDelay": "34.07s"` among the details (google.rpc.RetryInfo). */
function retryIn(error: Readonly<Record<string, unknown>> | null): number | null {
  const details = Array.isArray(error?.["details"]) ? (error["details"] as readonly unknown[]) : []
  const delay = details.map((one) => asRecord(one)?.["retryDelay"]).find((one) => typeof one === "string")
  const seconds = typeof delay === "string" ? /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(delay)?.[1] : undefined
  return seconds === undefined ? null : Math.max(1, Math.ceil(Number(seconds)))
}

const words = (message: string, code: unknown, param: unknown, retryAfterSeconds: number | null = null): UpstreamWords => ({
  message: message.slice(0, MESSAGE_CHARACTERS_MAX),
  code: typeof code === "string" && /^[\w.-]{1,64}$/.test(code) ? code : typeof code === "number" ? String(code) : null,
  param: typeof param === "string" && param.length <= 200 ? param : null,
  ...(retryAfterSeconds !== null && { retryAfterSeconds }),
})

const asRecord = (value: unknown): Readonly<Record<string, unknown>> | null =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null

const firstText = (...values: readonly unknown[]): string | null => {
  for (const value of values) if (typeof value === "string" && value.trim() !== "") return value.trim()
  return null
}
