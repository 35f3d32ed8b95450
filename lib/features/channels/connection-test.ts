import { authHeaders, authSchemeOf, isCloudScheme } from "#lib/catalog/auth.ts"
import { hostedUrl, servesModel } from "#lib/catalog/base-url.ts"
import { secretsOf } from "#lib/catalog/credentials.ts"
import { kindOfModel } from "#lib/catalog/models.ts"
import type { Endpoints, ProviderDefinition, Settings } from "#lib/catalog/provider.ts"
import type { UpstreamFailure, UpstreamPort } from "#lib/gateway/ports.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { ANTHROPIC_VERSION } from "#lib/wire/am/version.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { isRecord } from "#lib/wire/request-fields.ts"
import { dialectsOf, isSound, type Question, smallestQuestion, type TestedKind } from "./connection-questions.ts"
import { redact } from "./redact.ts"

export type ConnectionProblem = "status" | "shape" | UpstreamFailure["kind"]

/** What a real small call to one dialect of a channel, for one kind of model, came to. */
export type ConnectionResult = {
  readonly dialect: Dialect
  /** What the model that was asked is for. */
  readonly kind: TestedKind
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
  readonly upstreamModels: readonly string[]
  readonly allowPrivateNetwork: boolean
}

type Dependencies = { readonly upstream: UpstreamPort; readonly clock: Clock }

type Tested = { readonly kind: TestedKind; readonly model: string; readonly dialect: Dialect; readonly url: string }

/**
 * Calls a channel once in each dialect, all at the same time: for chat where it has a model for that, else for each kind of model that it
 * has. Never throws: what went wrong is the result.
 */
export function testConnection(dependencies: Dependencies, draft: ConnectionDraft): Promise<readonly ConnectionResult[]> {
  return Promise.all(modelsToAsk(draft).flatMap((asked) => callsOf(draft, asked)).map((tested) => callOnce(dependencies, draft, tested)))
}

type Asked = Pick<Tested, "kind" | "model">

/** The first model of chat, or else the first of each kind. A channel without models is asked to chat all the same: its address and its key are tested so. */
function modelsToAsk({ provider, upstreamModels }: ConnectionDraft): readonly Asked[] {
  const models = (upstreamModels.length === 0 ? [""] : upstreamModels).map((model) => ({ model, kind: kindOfModel(provider.id, model) ?? "chat" }) as const)
  const chat = models.find(({ kind }) => kind === "chat")
  return chat === undefined ? models.filter(({ kind }, index) => models.findIndex((one) => one.kind === kind) === index) : [chat]
}

/** The calls for one model. A kind that the channel's dialects have no operation for is asked to chat, which its vendor answers in words at least. */
function callsOf(draft: ConnectionDraft, { kind, model }: Asked): readonly Tested[] {
  const { provider, endpoints } = draft
  const { operation } = smallestQuestion(kind, { model, dialect: "cc", provider })
  const calls = dialectsOf(kind).flatMap((dialect) => {
    const base = endpoints[dialect]
    const url = base === undefined || !servesModel(provider.hosting, dialect, model) ? null : hostedUrl(provider.hosting, dialect, base, operation as "chat", model)
    return url === null ? [] : [{ kind, model, dialect, url }]
  })
  return calls.length > 0 || kind === "chat" ? calls : callsOf(draft, { kind: "chat", model })
}

function callOnce({ upstream, clock }: Dependencies, draft: ConnectionDraft, { kind, model, dialect, url }: Tested): Promise<ConnectionResult> {
  const { provider, settings, secret, allowPrivateNetwork } = draft
  const question = smallestQuestion(kind, { model, dialect, provider })
  const scheme = authSchemeOf(provider.auth, dialect)
  const startedAt = clock.monotonic()
  const secrets = secret === null ? [] : secretsOf(secret)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let status: number | null = null
    let type = ""
    let settled = false
    const finish = (problem: ConnectionProblem | null, words: string) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      resolve({ dialect, kind, url, ok: problem === null, status, latencyMs: Math.round(clock.monotonic() - startedAt), problem, words: redact(words, secrets) })
    }
    const call = upstream.call(
      {
        url,
        headers: {
          "content-type": question.contentType,
          accept: question.soundAnswer === true ? "*/*" : "application/json",
          ...(dialect === "am" && { "anthropic-version": ANTHROPIC_VERSION }),
          ...(isCloudScheme(scheme) ? {} : authHeaders(scheme, secret)),
        },
        body: question.body,
        allowPrivateNetwork,
        ...(isCloudScheme(scheme) && secret !== null && { credential: { scheme, secret, settings } }),
      },
      {
        onHead: (head, headers) => {
          status = head
          type = String(headers["content-type"] ?? "")
        },
        onData: (chunk) => {
          bytes += chunk.length
          if (bytes <= question.answerBytesMax) chunks.push(chunk)
          return true
        },
        onEnd: () => {
          const { problem, words } = judge(question, { status: status ?? 0, type, body: Buffer.concat(chunks) })
          finish(problem, words)
        },
        onFailure: ({ kind, detail }) => finish(kind, detail),
      },
    )
    const timer = setTimeout(() => {
      finish("timeout", "")
      call.abort()
    }, question.answerMsMax)
  })
}

type Judged = { readonly status: number; readonly type: string; readonly body: Buffer }

function judge(question: Question, { status, type, body: bytes }: Judged): { readonly problem: ConnectionProblem | null; readonly words: string } {
  const accepted = status >= 200 && status < 300
  if (accepted && question.soundAnswer === true && bytes.length > 0 && isSound(type)) return { problem: null, words: "" }
  const text = bytes.toString("utf8")
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { problem: accepted ? "shape" : "status", words: text.replace(/<[^>]*>/g, " ") }
  }
  if (!accepted) return { problem: "status", words: wordsOf(body) ?? text }
  return isRecord(body) && question.isAnswer(body) ? { problem: null, words: "" } : { problem: "shape", words: wordsOf(body) ?? text }
}

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
