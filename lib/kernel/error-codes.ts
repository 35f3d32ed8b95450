type ErrorRow = {
  /** HTTP status of an answer that has not begun. */
  readonly status: number
  /** Whether trying again, unchanged, may help: on another channel for us, later for the client. */
  readonly retryable: boolean
  /** OpenAI's `error.type`, Anthropic's `error.type`, Google's `error.status`. */
  readonly openai: string
  readonly anthropic: string
  readonly gemini: string
}

/**
 * Every way a gateway call can fail, and what each dialect calls it. The map is total: a new code does not compile until it has
 * its row. Statuses follow WIRE.md, W-112 and W-127 (exhausted money is 402 and not retryable).
 */
export const errorCodes = {
  invalid_request: { status: 400, retryable: false, openai: "invalid_request_error", anthropic: "invalid_request_error", gemini: "INVALID_ARGUMENT" },
  unsupported_parameter: { status: 400, retryable: false, openai: "invalid_request_error", anthropic: "invalid_request_error", gemini: "INVALID_ARGUMENT" },
  context_length_exceeded: { status: 400, retryable: false, openai: "invalid_request_error", anthropic: "invalid_request_error", gemini: "INVALID_ARGUMENT" },
  invalid_api_key: { status: 401, retryable: false, openai: "authentication_error", anthropic: "authentication_error", gemini: "UNAUTHENTICATED" },
  insufficient_quota: { status: 402, retryable: false, openai: "insufficient_quota", anthropic: "billing_error", gemini: "RESOURCE_EXHAUSTED" },
  model_without_price: { status: 402, retryable: false, openai: "insufficient_quota", anthropic: "billing_error", gemini: "FAILED_PRECONDITION" },
  permission_denied: { status: 403, retryable: false, openai: "permission_error", anthropic: "permission_error", gemini: "PERMISSION_DENIED" },
  not_found: { status: 404, retryable: false, openai: "not_found_error", anthropic: "not_found_error", gemini: "NOT_FOUND" },
  model_not_found: { status: 404, retryable: false, openai: "invalid_request_error", anthropic: "not_found_error", gemini: "NOT_FOUND" },
  method_not_allowed: { status: 405, retryable: false, openai: "invalid_request_error", anthropic: "invalid_request_error", gemini: "UNIMPLEMENTED" },
  request_too_large: { status: 413, retryable: false, openai: "invalid_request_error", anthropic: "request_too_large", gemini: "INVALID_ARGUMENT" },
  rate_limit_exceeded: { status: 429, retryable: true, openai: "rate_limit_error", anthropic: "rate_limit_error", gemini: "RESOURCE_EXHAUSTED" },
  internal_error: { status: 500, retryable: false, openai: "server_error", anthropic: "api_error", gemini: "INTERNAL" },
  upstream_rejected: { status: 400, retryable: false, openai: "invalid_request_error", anthropic: "invalid_request_error", gemini: "INVALID_ARGUMENT" },
  upstream_failed: { status: 502, retryable: true, openai: "server_error", anthropic: "api_error", gemini: "UNAVAILABLE" },
  upstream_timeout: { status: 504, retryable: true, openai: "server_error", anthropic: "api_error", gemini: "DEADLINE_EXCEEDED" },
  upstream_incomplete: { status: 502, retryable: true, openai: "server_error", anthropic: "api_error", gemini: "UNAVAILABLE" },
  overloaded: { status: 529, retryable: true, openai: "server_error", anthropic: "overloaded_error", gemini: "UNAVAILABLE" },
  unavailable: { status: 503, retryable: true, openai: "server_error", anthropic: "api_error", gemini: "UNAVAILABLE" },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorCodes

/**
 * A failure on its way to a caller. `message` is for the caller and names the field and the cure; `detail` goes to the log and
 * is never encoded.
 */
export type GatewayError = {
  readonly code: ErrorCode
  readonly message: string
  readonly detail?: string
  /** The request field at fault, as a path: `messages[2].content`. */
  readonly param?: string
  /** When trying again makes sense, in seconds from now. */
  readonly retryAfterSeconds?: number
  /** Overrides the row's status where an upstream's own status should reach the client. */
  readonly status?: number
}
