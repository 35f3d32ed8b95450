import type { ClientDialect } from "#lib/wire/lanes.ts"

/** A client as the matrix drives it: asked in one way, whatever its own words are, and answering in one. */
export type Talker = {
  readonly name: string
  readonly speaks: ClientDialect
  /** What its own interface does not have, and why; the matrix leaves these cases out. */
  readonly cannot: Cannot
  ask(asked: Asked): Promise<Said>
  /** The HTTP status that one of its errors carries; null: none, as of an abort. */
  statusOf(error: unknown): number | null
}

export type Cannot = { readonly [C in "thinking" | "signatures" | "streamed signatures" | "stop words"]?: string }

/** Where and as whom a client calls, and which major it is. */
export type Door = { readonly origin: string; readonly key: string; readonly major: "latest" | "previous" }

export type Asked = {
  readonly model: string
  readonly prompt: string
  readonly streamed: boolean
  readonly tool?: typeof weather
  /** The tool must be called. */
  readonly forced?: boolean
  /** The answer is an object of this JSON schema. */
  readonly schema?: object
  /** A PNG, in base64. */
  readonly image?: string
  readonly stop?: string
  readonly thinks?: boolean
  /** The turn before: what was said, and what its calls came to. */
  readonly before?: { readonly said: Said; readonly results: readonly ToolResult[] }
  readonly signal?: AbortSignal
  /** How long the client waits, by its own setting. */
  readonly timeoutMs?: number
  /** Called with each piece of text of a stream. */
  readonly onText?: () => void
}

export type Call = { readonly id: string; readonly name: string; readonly input: unknown }
export type ToolResult = { readonly id: string; readonly name: string; readonly output: string }

export type Said = {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly Call[]
  readonly finish: "stop" | "length" | "tools"
  /** `input` is the whole prompt, the cached part of it included. */
  readonly usage: { readonly input: number; readonly output: number; readonly cached: number }
  /** The client's own message, which the next turn begins with. */
  readonly message: unknown
}

export const weather = {
  name: "weather",
  description: "The weather of a city",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
} as const

export const MAX_TOKENS = 2_048

/** Every dialect's word for why it ended. */
export function finishOf(word: string | null | undefined): Said["finish"] {
  switch (word) {
    case "tool_calls":
    case "tool-calls":
    case "tool_use":
      return "tools"
    case "length":
    case "max_tokens":
    case "max_output_tokens":
      return "length"
    case "stop":
    case "end_turn":
    case "completed":
    case "stop_sequence":
      return "stop"
    case null:
    case undefined:
    default:
      throw new Error(`the client says that it ended by ${word}`)
  }
}
