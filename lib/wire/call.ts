import type { ModelTraits } from "./chat/model-traits.ts"

import type { Work } from "./work.ts"

/** What the pipeline needs to know of a model call, whatever its dialect. The pristine body stays beside it for every attempt. */
export type Call = {
  /** How its stream is written, where its dialect knows more than one way; absent: as events. */
  readonly streamForm?: StreamForm
  /** Public name asked for. */
  readonly model: string
  readonly streamed: boolean
  /** The bound on output tokens (per choice) that the client gave; null: none. */
  readonly outputTokensMax: number | null
  /** Answers asked for in one call. */
  readonly choices: number
  readonly size: CallSize
  /** The request's own members, parsed: for the rules of fields that cost money. */
  readonly fields: Readonly<Record<string, unknown>>
  /** A coding agent's session, where the client names one. */
  readonly session: string | null
  /** What is wanted is no answer to the conversation but a summary in its place (RS): whoever is asked, it is asked in our words. */
  readonly compacts?: true
  /** Of calls around chat. Their tokens are counted here, and `size` and `outputTokensMax` say nothing. */
  readonly work?: Work
}

/** Server-sent events, or one JSON list that grows. */
export type StreamForm = "events" | "list"

/** What a call's address says, in dialects whose bodies do not: the model, and whether to stream. */
export type Addressed = { readonly model: string; readonly streamed: boolean; readonly streamForm?: StreamForm }

/** What a prompt's tokens are estimated from. Media stand apart: their bytes say nothing about their tokens. */
export type CallSize = {
  /** Bytes of the body without the media inside it. */
  readonly textBytes: number
  readonly images: number
  /** Bytes of base64. */
  readonly audioBytes: number
  readonly fileBytes: number
}

/** The fields of ours that an attempt changes in the body. */
export type CallPatch = {
  /** The channel's name for the model. */
  readonly upstreamModel: string
  /** Sent instead of the client's bound, under this field's name; null: the client's own stands. */
  readonly outputTokensMax: { readonly field: string; readonly tokens: number } | null
  /** Fields that the provider refuses: top-level names, and where a dialect has them places within (`tools[].name`). */
  readonly drop: readonly string[]
  /** What is known of the channel's model. */
  readonly traits?: ModelTraits
}
