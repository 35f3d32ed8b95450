import type { Dialect } from "../dialect.ts"

/*
 * What a conversation is made of, in no dialect's words: what a client sends is decoded into it, and what a channel gets is encoded
 * from it. Nothing here knows a dialect save where a provider's own opaque bytes must go back to that dialect and to no other.
 */

/**
 * A provider's proof of what it thought, which it wants back byte for byte (W-54, W-57, W-58) and nobody else may get (W-56).
 * `origin`: the dialect that made it; `data`: AM `signature` or the `data` of redacted thinking, GM `thoughtSignature`, RS
 * `encrypted_content`, BR `reasoningText.signature`.
 */
export type Signature = { readonly origin: Dialect; readonly data: string }

/** Where a prompt may be cut for caching (AM `cache_control`, BR `cachePoint`); toward all others it is left out without a word (W-123). */
export type CacheMark = { readonly ttl: "5m" | "1h" | null }

/** Bytes of a picture, a recording or a document: inside the request, or at an address. `data` is base64 without line breaks. */
export type Media = { readonly kind: "base64"; readonly mediaType: string; readonly data: string } | { readonly kind: "url"; readonly url: string; readonly mediaType: string | null }

type Marked = { readonly cache?: CacheMark; readonly signature?: Signature }

export type TextPart = Marked & { readonly kind: "text"; readonly text: string; readonly citations?: readonly Citation[] }
export type RefusalPart = Marked & { readonly kind: "refusal"; readonly text: string }
/** `detail`: OpenAI's word (`low`, `high`, `auto`). */
export type ImagePart = Marked & { readonly kind: "image"; readonly media: Media; readonly detail?: string }
export type AudioPart = Marked & { readonly kind: "audio"; readonly media: Media }
/** A film. Few models watch any (GM; CC by OpenRouter's `video_url`). */
export type VideoPart = Marked & { readonly kind: "video"; readonly media: Media }
/** `text`: a document that is plain text, in place of its bytes. */
export type DocumentPart = Marked & { readonly kind: "document"; readonly media: Media | { readonly kind: "text"; readonly text: string }; readonly name: string | null }

/**
 * Thinking. Empty text with a signature is something (W-55). `hidden`: the provider shows no text, only the opaque proof (AM
 * `redacted_thinking`, BR `redactedContent`). `id`: the item's own id, where the dialect gives one (RS).
 */
export type ReasoningPart = Marked & { readonly kind: "reasoning"; readonly text: string; readonly hidden?: boolean; readonly id?: string }

/**
 * A call of a tool that the client runs. `arguments` is the JSON text as it came, which may be cut off (W-44) or malformed (W-35);
 * of a custom tool it is the plain input. `name` is the client's full name for the tool (`ToolDefinition.name`).
 */
export type ToolCallPart = Marked & { readonly kind: "toolCall"; readonly id: string; readonly name: string; readonly arguments: string }

/** Its result, matched by `callId`. `name` null: not said; `callName` of chat/turns.ts finds it through the call (W-33). */
export type ToolResultPart = Marked & {
  readonly kind: "toolResult"
  readonly callId: string
  readonly name: string | null
  readonly content: readonly (TextPart | ImagePart | DocumentPart)[]
  readonly failed: boolean
}

/** A search that ran at the provider (W-126): what was asked, and what was found. `opaque`: the provider's own result block, for its own dialect alone. */
export type SearchPart = Marked & {
  readonly kind: "search"
  readonly id: string
  readonly query: string
  readonly results: readonly SearchResult[]
  readonly failed: string | null
  readonly opaque?: { readonly origin: Dialect; readonly value: unknown }
}
/** `opaque`: the provider's own proof of what it found. `excerpt`: what the page says, where the search was ours (chat/search-rounds.ts). */
export type SearchResult = { readonly url: string; readonly title: string; readonly pageAge: string | null; readonly opaque?: Signature; readonly excerpt?: string }

/** A source of what a text says. Offsets in UTF-16 code units of the whole text part; null: the provider gave none. `opaque`: its own proof of the place, which it wants back. */
export type Citation = { readonly url: string; readonly title: string; readonly citedText: string | null; readonly start: number | null; readonly end: number | null; readonly opaque?: Signature }

export type Part = TextPart | RefusalPart | ImagePart | AudioPart | VideoPart | DocumentPart | ReasoningPart | ToolCallPart | ToolResultPart | SearchPart

/** What an answer is made of. */
export type AnswerPart = TextPart | RefusalPart | ImagePart | AudioPart | ReasoningPart | ToolCallPart | SearchPart
