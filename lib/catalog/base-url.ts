import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { AroundOperation } from "#lib/wire/around/operations.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { Hosting } from "./provider.ts"

/** OpenAI's API reference; `rerank` as Jina, vLLM and most others have it behind the base URL of their chat completions. */
const aroundPaths = {
  completions: "/completions",
  embeddings: "/embeddings",
  moderations: "/moderations",
  rerank: "/rerank",
  "images.generations": "/images/generations",
  "images.edits": "/images/edits",
  "images.variations": "/images/variations",
  "audio.speech": "/audio/speech",
  "audio.transcriptions": "/audio/transcriptions",
  "audio.translations": "/audio/translations",
} as const satisfies Record<AroundOperation, string>

/**
 * What is appended to a channel's base URL, per dialect and operation. `{model}` is replaced by the upstream's model name.
 * CC and RS: OpenAI's API reference; AM: Anthropic's; GM: Google's `v1beta` REST reference; BR: Amazon Bedrock Runtime's.
 */
const operationPaths = {
  cc: { chat: "/chat/completions", models: "/models", ...aroundPaths },
  rs: { chat: "/responses", countTokens: "/responses/input_tokens", models: "/models" },
  am: { chat: "/messages", countTokens: "/messages/count_tokens", models: "/models" },
  gm: {
    chat: "/models/{model}:generateContent",
    chatStream: "/models/{model}:streamGenerateContent?alt=sse",
    countTokens: "/models/{model}:countTokens",
    embeddings: "/models/{model}:batchEmbedContents",
    models: "/models",
  },
  br: { chat: "/model/{model}/converse", chatStream: "/model/{model}/converse-stream", countTokens: "/model/{model}/count-tokens" },
} as const satisfies Record<Dialect, Readonly<Record<string, string>>>

export type Operation<D extends Dialect> = keyof (typeof operationPaths)[D] & string

/** What a dialect gains where the typed URL has no version: CC and RS on a URL without a path, AM and GM where none stands at its end. */
const versions = {
  cc: { segment: "/v1", where: "noPath" },
  rs: { segment: "/v1", where: "noPath" },
  am: { segment: "/v1", where: "noVersion" },
  gm: { segment: "/v1beta", where: "noVersion" },
  br: { segment: "", where: "noPath" },
} as const satisfies Record<Dialect, { readonly segment: string; readonly where: "noPath" | "noVersion" }>

/** Operations that people paste along with the base, longest first so that `/chat/completions` goes before `/completions`. */
const pastedSuffixes: Readonly<Record<string, readonly Dialect[]>> = {
  "/messages/count_tokens": ["am"],
  "/audio/transcriptions": ["cc"],
  "/audio/translations": ["cc"],
  "/images/generations": ["cc"],
  "/images/variations": ["cc"],
  "/chat/completions": ["cc"],
  "/images/edits": ["cc"],
  "/audio/speech": ["cc"],
  "/completions": ["cc"],
  "/moderations": ["cc"],
  "/embeddings": ["cc"],
  "/rerank": ["cc"],
  "/responses": ["rs"],
  "/messages": ["am"],
  "/models": ["cc", "rs", "am", "gm"],
}
const PASTED_MODEL_CALL = /\/(?:models|model)\/[^/]+(?::[A-Za-z]+|\/converse(?:-stream)?)$/
const VERSION_SEGMENT = /\/v\d+(?:(?:alpha|beta)\d*)?$/
const LOCAL_HOST = /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[)/
const URL_CHARACTERS_MAX = 2_000

/** Why a typed base URL cannot be used. `credentials`: it holds a user name, a password or a key, which belong in the key field. */
export type BaseUrlError = "invalid" | "scheme" | "credentials"

/**
 * Makes the base URL of one dialect from what a person typed or pasted. The base is authoritative; an operation's suffix behind it
 * is trimmed; CC and RS gain `/v1` only on a URL without a path, AM and GM gain their version where none stands at the end. Where
 * the dialect's own operation was pasted, the URL says exactly where that operation is, so nothing is gained. A missing scheme is
 * https, or http for loopback and private addresses. `sandbox:` URLs (the built-in provider) follow the same rules.
 */
export function normalizeBaseUrl(dialect: Dialect, typed: string): Result<string, BaseUrlError> {
  const parsed = parseTyped(typed)
  if (!parsed.ok) return parsed
  const url = parsed.value
  const path = url.pathname.replace(/\/{2,}/g, "/").replace(/\/+$/, "")
  const { base, trimmed } = trimOperation(path)
  const exact = trimmed.includes(dialect)
  const { segment, where } = versions[dialect]
  const gains = !exact && (where === "noPath" ? path === "" : !VERSION_SEGMENT.test(base))
  url.searchParams.delete("alt")
  return ok(`${url.protocol}//${url.host}${base}${gains ? segment : ""}${url.search}`)
}

/**
 * The exact URL that a call goes to. `base` is a normalized base URL; its query, if any, is kept (Azure's `api-version`). `model`
 * is the upstream's name for the model; it takes the place of `{model}` in the paths of GM and BR, and in bases that hold it (Azure's
 * deployments).
 */
export function operationUrl<D extends Dialect>(dialect: D, base: string, operation: Operation<D>, model = ""): string {
  const suffix = (operationPaths[dialect] as Readonly<Record<string, string>>)[operation] ?? ""
  return joined(base, suffix, encodeModel(dialect, model))
}

/** The same where a cloud has suffixes of its own (`Hosting.paths`); null: it has no such operation. */
export function hostedUrl<D extends Dialect>(hosting: Hosting | undefined, dialect: D, base: string, operation: Operation<D>, model = ""): string | null {
  const suffix = (dialect === "gm" && operation === "embeddings" ? embedderOf(hosting, model)?.path : undefined) ?? hosting?.paths?.[dialect]?.[operation]
  if (suffix === undefined) return operationUrl(dialect, base, operation, model)
  return suffix === null ? null : joined(base, suffix, encodeModel(hosting?.cloud === "bedrock" ? "br" : dialect, model))
}

/** Whether a cloud's dialect may be asked for this upstream model; everybody else serves all models in all their dialects. */
export const servesModel = (hosting: Hosting | undefined, dialect: Dialect, model: string): boolean => hosting?.models?.[dialect]?.test(model) ?? true

/** A model without what its name says of the places that may answer (`us.anthropic.claude-…` of Bedrock). */
export const placelessModel = (hosting: Hosting | undefined, model: string): string => (hosting?.place === undefined ? model : model.replace(hosting.place, ""))

/** How a cloud's model embeds; undefined: as its dialect has it. */
export const embedderOf = (hosting: Hosting | undefined, model: string) => hosting?.embedders?.find(({ models }) => models.test(model))

/** Without a query on either side, the common case, there is nothing to sort out: that is a microsecond of every call. */
function joined(base: string, suffix: string, model: string): string {
  if (!base.includes("?") && !suffix.includes("?") && !base.endsWith("/")) return base.replace("{model}", model) + suffix.replace("{model}", model)
  const [path = "", query] = suffix.replace("{model}", model).split("?")
  const [root = "", kept] = base.split("?")
  const search = [kept, query].filter((part) => part !== undefined && part !== "").join("&")
  return `${root.replace(/\/+$/, "").replace("{model}", model)}${path}${search === "" ? "" : `?${search}`}`
}

/**
 * Model names hold colons (Bedrock's `…-v1:0`) and `@` (Vertex's versions), which stay as they are in a path. A slash does too
 * (`tunedModels/x`), save toward Bedrock, whose names are one segment (`arn:aws:bedrock:…:inference-profile/x`).
 */
function encodeModel(dialect: Dialect, model: string): string {
  const encoded = encodeURIComponent(model).replaceAll("%3A", ":").replaceAll("%40", "@")
  return dialect === "br" ? encoded : encoded.replaceAll("%2F", "/")
}

function parseTyped(typed: string): Result<URL, BaseUrlError> {
  const text = typed.trim()
  if (text === "" || text.length > URL_CHARACTERS_MAX || /\s/.test(text)) return err("invalid")
  // "localhost:11434" would parse as a URL of the scheme "localhost:", so a scheme only counts with its slashes.
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${LOCAL_HOST.test(text) ? "http" : "https"}://${text.replace(/^\/+/, "")}`
  if (!URL.canParse(withScheme)) return err("invalid")
  const url = new URL(withScheme)
  if (!["http:", "https:", "sandbox:"].includes(url.protocol)) return err("scheme")
  if (url.username !== "" || url.password !== "" || url.searchParams.has("key") || url.searchParams.has("api_key")) return err("credentials")
  if (url.host === "") return err("invalid")
  return ok(url)
}

function trimOperation(path: string): { readonly base: string; readonly trimmed: readonly Dialect[] } {
  const call = PASTED_MODEL_CALL.exec(path)
  if (call !== null) return { base: path.slice(0, call.index), trimmed: call[0].includes(":") && !call[0].includes("/converse") ? ["gm"] : ["br"] }
  for (const [suffix, trimmed] of Object.entries(pastedSuffixes)) {
    if (path.endsWith(suffix)) return { base: path.slice(0, -suffix.length), trimmed }
  }
  return { base: path, trimmed: [] }
}
