import { authHeaders, authSchemeOf, isCloudScheme } from "#lib/catalog/auth.ts"
import { hostedUrl, servesModel } from "#lib/catalog/base-url.ts"
import { secretsOf } from "#lib/catalog/credentials.ts"
import type { Endpoints, ProviderDefinition, Settings } from "#lib/catalog/provider.ts"
import type { UpstreamFailure, UpstreamPort } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { ANTHROPIC_VERSION } from "#lib/wire/am/version.ts"
import { type Dialect, dialects } from "#lib/wire/dialect.ts"
import { packed } from "#lib/wire/envelope.ts"
import { redact } from "./redact.ts"

const ANSWER_MS_MAX = 30_000
const ANSWER_BYTES_MAX = 256 * 1024
/** Enough for any model to say something, too little to cost anything: at $50 per million tokens less than a tenth of a cent. */
const OUTPUT_TOKENS_MAX = 16

export type ConnectionProblem = "status" | "shape" | UpstreamFailure["kind"]

/** What a real small call to one dialect of a channel came to. */
export type ConnectionResult = {
  readonly dialect: Dialect
  readonly url: string
  readonly ok: boolean
  /** Null where no answer came. */
  readonly status: number | null
  readonly latencyMs: number
  readonly problem: ConnectionProblem | null
  /** The upstream's own words, redacted; empty where it had none. */
  readonly words: string
}

export type ConnectionDraft = {
  readonly provider: ProviderDefinition
  readonly endpoints: Endpoints
  readonly settings: Settings
  readonly secret: string | null
  readonly upstreamModel: string
  readonly allowPrivateNetwork: boolean
}

type Dependencies = { readonly upstream: UpstreamPort; readonly clock: Clock }

/** Calls every dialect of a channel once, at the same time. Never throws: what went wrong is the result. */
export function testConnection(dependencies: Dependencies, draft: ConnectionDraft): Promise<readonly ConnectionResult[]> {
  const { endpoints, provider, upstreamModel } = draft
  const spoken = dialects.filter((dialect) => endpoints[dialect] !== undefined && servesModel(provider.hosting, dialect, upstreamModel))
  return Promise.all(spoken.map((dialect) => callOnce(dependencies, draft, dialect)))
}

function callOnce({ upstream, clock }: Dependencies, draft: ConnectionDraft, dialect: Dialect): Promise<ConnectionResult> {
  const { provider, endpoints, settings, secret, upstreamModel, allowPrivateNetwork } = draft
  const url = hostedUrl(provider.hosting, dialect, endpoints[dialect] ?? "", "chat", upstreamModel) ?? ""
  const scheme = authSchemeOf(provider.auth, dialect)
  const startedAt = clock.monotonic()
  const secrets = secret === null ? [] : secretsOf(secret)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let status: number | null = null
    let settled = false
    const finish = (problem: ConnectionProblem | null, words: string) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      resolve({ dialect, url, ok: problem === null, status, latencyMs: Math.round(clock.monotonic() - startedAt), problem, words: redact(words, secrets) })
    }
    const call = upstream.call(
      {
        url,
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          ...(dialect === "am" && { "anthropic-version": ANTHROPIC_VERSION }),
          ...(isCloudScheme(scheme) ? {} : authHeaders(scheme, secret)),
        },
        body: packed(Buffer.from(JSON.stringify(smallestRequest(dialect, upstreamModel, provider))), provider.hosting?.envelopes?.[dialect]),
        allowPrivateNetwork,
        ...(isCloudScheme(scheme) && secret !== null && { credential: { scheme, secret, settings } }),
      },
      {
        onHead: (head) => {
          status = head
        },
        onData: (chunk) => {
          bytes += chunk.length
          if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk)
          return true
        },
        onEnd: () => {
          const { problem, words } = judge(dialect, status ?? 0, Buffer.concat(chunks).toString("utf8"))
          finish(problem, words)
        },
        onFailure: ({ kind, detail }) => finish(kind, detail),
      },
    )
    const timer = setTimeout(() => {
      finish("timeout", "")
      call.abort()
    }, ANSWER_MS_MAX)
  })
}

/** The least that each dialect takes as a question. */
function smallestRequest(dialect: Dialect, model: string, provider: ProviderDefinition): unknown {
  const question = "Say ok."
  switch (dialect) {
    case "cc":
      return { model, messages: [{ role: "user", content: question }], [provider.outputLimitField ?? "max_tokens"]: OUTPUT_TOKENS_MAX }
    case "rs":
      return { model, input: question, max_output_tokens: OUTPUT_TOKENS_MAX, store: false }
    case "am":
      return { model, max_tokens: OUTPUT_TOKENS_MAX, messages: [{ role: "user", content: question }] }
    case "gm":
      return { contents: [{ role: "user", parts: [{ text: question }] }], generationConfig: { maxOutputTokens: OUTPUT_TOKENS_MAX } }
    case "br":
      return { messages: [{ role: "user", content: [{ text: question }] }], inferenceConfig: { maxTokens: OUTPUT_TOKENS_MAX } }
  }
}

/** The field that an answer of this dialect cannot be without: a web page that says 200 is no model. */
const answerField = { cc: "choices", rs: "output", am: "content", gm: "candidates", br: "output" } as const satisfies Record<Dialect, string>

function judge(dialect: Dialect, status: number, text: string): { readonly problem: ConnectionProblem | null; readonly words: string } {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { problem: status >= 200 && status < 300 ? "shape" : "status", words: text.replace(/<[^>]*>/g, " ") }
  }
  if (status < 200 || status >= 300) return { problem: "status", words: wordsOf(body) ?? text }
  // Some vendors answer 200 with an error inside (MiniMax's base_resp, Zhipu's code and msg).
  if (isRecord(body) && body[answerField[dialect]] !== undefined && body[answerField[dialect]] !== null) return { problem: null, words: "" }
  return { problem: "shape", words: wordsOf(body) ?? text }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => value !== null && typeof value === "object"

/** The message inside an error's body, wherever this vendor keeps it. */
function wordsOf(body: unknown): string | null {
  const holder = Array.isArray(body) ? (body as unknown[])[0] : body
  if (!isRecord(holder)) return null
  for (const candidate of [holder["error"], holder["base_resp"], holder]) {
    if (typeof candidate === "string") return candidate
    if (!isRecord(candidate)) continue
    for (const field of ["message", "msg", "status_msg", "detail", "error"]) {
      const words = candidate[field]
      if (typeof words === "string" && words !== "") return words
    }
  }
  return null
}
