import { completionTokens, promptTokens, type Usage } from "#lib/kernel/usage.ts"
import { asciiJson } from "../json-members.ts"
import { createMemberRenamer } from "../member-renamer.ts"
import type { Seen, StreamOptions, StreamReader, StreamState } from "../raw-lane.ts"
import { createRawStream, STREAM_OVER, streamFailed } from "../raw-stream.ts"
import { dataEvent, eventData } from "../sse/event-data.ts"
import { createStreamMeter } from "../stream-meter.ts"
import { asksForUsage } from "./request.ts"
import { ccUsage } from "./usage.ts"

type Chunk = {
  readonly id?: unknown
  readonly created?: unknown
  readonly choices?: unknown
  readonly usage?: unknown
  readonly service_tier?: unknown
  readonly error?: unknown
}
type Choice = { readonly index?: unknown; readonly finish_reason?: unknown }

const DONE = "[DONE]"
const LENGTH = "length"

/**
 * Reads a stream of chat completion chunks, or of legacy completions. Most chunks only carry text: they are searched for the few words that matter and pass
 * as they came; only the first one and those with a finish, a usage or an error are parsed. The model's name is replaced in all
 * (W-116). `[DONE]` is ours to write: only behind a finish (W-104, W-141).
 */
export function createCcStreamReader({ publicModel, call }: StreamOptions, object: "chat.completion.chunk" | "text_completion" = "chat.completion.chunk"): StreamReader {
  const meter = createStreamMeter()
  const rename = createMemberRenamer("model", publicModel)
  const keepsUsage = asksForUsage(call)
  const openChoices = new Set<unknown>()
  const finished = new Set<unknown>()
  let started = false
  let responseId: string | null = null
  let created: number | null = null
  let finish: string | null = null
  let lastUsage: Chunk | null = null

  /** What a chunk with something to learn from means; false: it is not passed on. */
  const learn = (chunk: Chunk): boolean => {
    responseId ??= typeof chunk.id === "string" ? chunk.id : null
    created ??= typeof chunk.created === "number" ? chunk.created : null
    const choices = Array.isArray(chunk.choices) ? (chunk.choices as readonly Choice[]) : []
    for (const choice of choices) {
      if (typeof choice?.finish_reason === "string") {
        finish ??= choice.finish_reason
        finished.add(choice.index)
        openChoices.delete(choice.index)
      } else if (finish === null || call.choices > 1) openChoices.add(choice?.index)
    }
    const counts = chunk.usage !== null && typeof chunk.usage === "object"
    if (counts) lastUsage = chunk
    return !(counts && choices.length === 0 && !keepsUsage)
  }

  const take = (event: string): string | StreamState => {
    const data = eventData(event)
    if (data === null || data === "") return ""
    if (data === DONE) return STREAM_OVER
    if (!data.startsWith("{")) return streamFailed(null)
    const notable = isNotable(data)
    let contentBytes = 0
    if (notable || !started || call.choices > 1) {
      const chunk = parse(data)
      if (chunk === null || isError(chunk)) return streamFailed(chunk)
      const passes = learn(chunk)
      if (!passes) return ""
      contentBytes = deltaLength(chunk.choices)
    }
    // A finish without text would be shorter than the envelope of the chunks with text.
    if (!notable || !started) meter.add(data.length, contentBytes)
    started = true
    const renamed = rename(data)
    return renamed === data ? `${event}\n\n` : dataEvent(renamed)
  }

  return createRawStream({
    take,
    isEvent,
    ending: dataEvent(DONE),
    get whole() {
      return finish !== null && (call.choices === 1 || (openChoices.size === 0 && finished.size >= call.choices))
    },
    get started() {
      return started
    },
    get seen(): Seen {
      return { responseId, finish, usage: usageOf(lastUsage), outputTokensEstimated: meter.tokens() }
    },
    get outputTokensEstimated() {
      return meter.tokens()
    },
    /** One more chunk finishes every open choice with `length`; a usage chunk follows where the client asked for one. */
    cutShort({ limit, usage }) {
      finish = LENGTH
      const head = { id: responseId, object, created, model: publicModel }
      const choices = [...openChoices].map((index) => ({ index, ...(object === "text_completion" ? { text: "" } : { delta: {} }), logprobs: null, finish_reason: LENGTH }))
      openChoices.clear()
      for (let index = 0; index < call.choices; index++) finished.add(index)
      const last = dataEvent(asciiJson({ ...head, choices, turnpike: { limit } }))
      return keepsUsage ? last + dataEvent(asciiJson({ ...head, choices: [], usage: usageObject(usage) })) : last
    },
  })
}

const usageObject = (usage: Usage) => ({ prompt_tokens: promptTokens(usage), completion_tokens: completionTokens(usage), total_tokens: promptTokens(usage) + completionTokens(usage) })

const usageOf = (chunk: Chunk | null): Usage | null => (chunk === null ? null : ccUsage(chunk.usage, chunk.service_tier))

/** Characters of all texts in a chunk's deltas: what is left of the chunk is its envelope. One character per byte. */
function deltaLength(value: unknown): number {
  if (typeof value === "string") return value.length
  if (value === null || typeof value !== "object") return 0
  return Object.entries(value).reduce((sum, [key, inner]) => sum + (key === "role" || key === "id" || key === "type" ? 0 : deltaLength(inner)), 0)
}

/** Inside a JSON string a quote is escaped, so these words with their quotes can only be keys. */
const isNotable = (data: string): boolean => holdsValue(data, '"finish_reason"') || holdsValue(data, '"usage"') || holdsValue(data, '"error"')

/** Whether a key stands in the text with a value other than null. */
function holdsValue(data: string, key: string): boolean {
  let at = data.indexOf(key)
  while (at !== -1) {
    let value = at + key.length
    while (data[value] === ":" || data[value] === " ") value++
    if (!data.startsWith("null", value)) return true
    at = data.indexOf(key, value)
  }
  return false
}

function isEvent(event: string): boolean {
  const data = eventData(event)
  return data === DONE || (data !== null && parse(data) !== null)
}

const isError = (chunk: Chunk): boolean => chunk.error !== undefined && chunk.error !== null && chunk.error !== false

/** The text has one character per byte: strings in the result may be mojibake, while ids, numbers and reasons are ASCII. */
function parse(data: string): Chunk | null {
  try {
    const json: unknown = JSON.parse(data)
    return json !== null && typeof json === "object" ? (json as Chunk) : null
  } catch {
    return null
  }
}
