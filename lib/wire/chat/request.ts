import type { CacheMark, Part } from "./part.ts"

/**
 * One turn of a conversation. `system` turns keep their place (W-2, W-122): those that stand first are the system prompt, a later one
 * is somebody's remark. Tool results are parts of a user turn, as AM has them; of consecutive CC tool messages one turn is made (W-27).
 * Consecutive turns of one role stay apart here, for the dialects that can tell them apart; chat/turns.ts merges them.
 */
export type Turn = {
  readonly role: "system" | "user" | "assistant"
  readonly parts: readonly Part[]
  /** CC `name` (W-12). */
  readonly name?: string
  /** A cache mark on the turn as a whole. */
  readonly cache?: CacheMark
}

/**
 * A tool that the client runs. `parameters` is JSON Schema as the client wrote it, or null where it gave none (W-14). `custom`: it
 * takes plain text instead of JSON (CC and RS custom tools), in the form that `grammar` describes. `namespace`: RS groups functions;
 * `name` is then already the flat, unique name, and `localName` the one inside the group (W-133).
 */
export type ToolDefinition = {
  readonly kind: "function" | "custom"
  readonly name: string
  readonly description: string | null
  readonly parameters: JsonSchema | null
  readonly strict: boolean | null
  readonly grammar?: Readonly<Record<string, unknown>>
  readonly namespace?: string
  readonly localName?: string
  readonly cache?: CacheMark
}

/** A search that the provider runs (AM `web_search_*`, RS `web_search`, GM `google_search`; W-23, W-126). */
export type SearchTool = {
  readonly kind: "search"
  readonly name: string
  readonly usesMax: number | null
  readonly allowedDomains: readonly string[]
  readonly blockedDomains: readonly string[]
  readonly location: Readonly<Record<string, unknown>> | null
  /** The client can do without: left out, and said so, where the target cannot search (W-133). Otherwise such a target is refused by name. */
  readonly optional?: boolean
}

export type Tool = ToolDefinition | SearchTool

export type JsonSchema = Readonly<Record<string, unknown>>

/** `any`: one of them must be called (W-15). `allowed`: only these may be; with `any`, one of these must. */
export type ToolChoice =
  | { readonly kind: "auto" | "any" | "none"; readonly allowed?: readonly string[] }
  | { readonly kind: "tool"; readonly name: string }

/** `schema` with the name and strictness that OpenAI's dialects give it (W-77). */
export type OutputFormat =
  | { readonly kind: "json" }
  | { readonly kind: "schema"; readonly name: string | null; readonly description: string | null; readonly schema: JsonSchema; readonly strict: boolean | null }

export const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const
export type Effort = (typeof efforts)[number]

/**
 * How much to think, as the client said it; lib/wire/chat/reasoning.ts makes of it what a model family takes (W-48 to W-51).
 * `off`: asked not to think. `effort`: a word. `budget`: tokens. `adaptive`: think as the model sees fit. `shown`: whether the
 * thinking's text (or a summary of it) is wanted in the answer; null: not said.
 */
export type Reasoning = (
  | { readonly kind: "off" }
  | { readonly kind: "effort"; readonly effort: Effort }
  | { readonly kind: "budget"; readonly tokens: number }
  | { readonly kind: "adaptive"; readonly effort: Effort | null }
) & { readonly shown: boolean | null }

/** Sampling and bounds; null: the client did not say, which stays so. */
export type Generation = {
  /** Of visible output and thinking together, per choice. */
  readonly outputTokensMax: number | null
  readonly choices: number
  readonly stop: readonly string[]
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly seed: number | null
  readonly presencePenalty: number | null
  readonly frequencyPenalty: number | null
  readonly logitBias: Readonly<Record<string, number>> | null
  /** Top alternatives per token; 0: only the chosen one's. Null: none wanted. */
  readonly logprobs: number | null
  readonly format: OutputFormat | null
  /** CC `verbosity`, RS `text.verbosity`. */
  readonly verbosity: string | null
  /** What may come out beside text: `audio`, `image`. */
  readonly modalities: readonly string[]
}

/**
 * The members of a request that a target may be unable to take, by our names: what a codec says of them is translated back into the
 * names of the client's dialect (`ClientCodec.fieldNames`), for the headers and the refusals.
 */
export const chatFields = [
  "outputTokensMax",
  "choices",
  "stop",
  "temperature",
  "topP",
  "topK",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "logitBias",
  "logprobs",
  "format",
  "verbosity",
  "modalities",
  "reasoning",
  "tools",
  "toolChoice",
  "parallelTools",
  "messages",
  "system",
  "user",
  "serviceTier",
  "store",
  "audio",
] as const
export type ChatField = (typeof chatFields)[number]

/** A chat request in no dialect's words. Everything that a client's dialect can say and another could take is here; the rest is in `unknown`. */
export type ChatRequest = {
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice | null
  /** Null: not said, which stays so (W-19). */
  readonly parallelTools: boolean | null
  readonly generation: Generation
  readonly reasoning: Reasoning | null
  /** The end user as the client names them; it is hashed before it leaves (W-79). */
  readonly user: string | null
  readonly serviceTier: string | null
  /** Legacy `functions` instead of tools: the answer speaks `function_call` (W-25). */
  readonly legacyFunctions?: boolean
  /** Top-level members of the request that our words do not have: dropped in a translation, and named as such (W-78). */
  readonly unknown: readonly string[]
}
