import { ok } from "#lib/kernel/result.ts"
import type { Dialect } from "../dialect.ts"
import type { ChatAnswer, ChatEvent } from "./answer.ts"
import type { UpstreamCodec } from "./codec.ts"
import type { AnswerPart, Part, ReasoningPart, Signature } from "./part.ts"
import type { ChatRequest, Turn } from "./request.ts"

/*
 * Some clients keep a call with its proof, and drop the thinking that led to it: Gemini CLI (geminiChat.ts keeps no parts with `thought`) and what
 * is built on Vercel's AI SDK over chat completions (its openai-compatible provider returns `extra_content.google.thought_signature` of a
 * call, and knows no `reasoning_details`). Anthropic and OpenAI want that thinking back with the call's result, with its proof. So it
 * travels in the proof of the first call behind it, and stands before the call again when it comes back (W-54, W-58).
 */

type Answering = Pick<UpstreamCodec, "decodeAnswer" | "openDecoder">

const THOUGHTS = "thoughts."

/** `client`: whose own proofs have a place there. `unsigned`: the target wants its thinking back although it signs none of it. */
export type CarryOptions = { readonly client: Dialect; readonly unsigned: boolean }

/** Reads answers whose calls bring the thinking along that stands before them. */
export const carryingThoughts = (upstream: Answering, options: CarryOptions): Answering => ({
  decodeAnswer(body, context) {
    const answer = upstream.decodeAnswer(body, context)
    return answer.ok ? ok(withCarried(answer.value, options)) : answer
  },
  openDecoder: (context, emit) => upstream.openDecoder(context, carryThoughts(emit, options)),
})

const isCarried = ({ text, signature }: ReasoningPart, { client, unsigned }: CarryOptions): boolean => (signature === undefined ? unsigned && text !== "" : signature.origin !== client)

/** Texts with what proves them: `[text, hidden, origin, proof]` of each. */
function proofOf(thoughts: readonly ReasoningPart[], { client }: CarryOptions): Signature | null {
  if (thoughts.length === 0) return null
  const origin = thoughts.find(({ signature }) => signature !== undefined)?.signature?.origin ?? (client === "cc" ? "am" : "cc")
  return { origin, data: THOUGHTS + JSON.stringify(thoughts.map(({ text, hidden, signature }) => [text, hidden === true, signature?.origin ?? null, signature?.data ?? null])) }
}

function withCarried(answer: ChatAnswer, options: CarryOptions): ChatAnswer {
  const carried = (parts: readonly AnswerPart[]): readonly AnswerPart[] => {
    let thoughts: ReasoningPart[] = []
    return parts.map((part) => {
      if (part.kind === "reasoning" && isCarried(part, options)) thoughts.push(part)
      if (part.kind !== "toolCall" || part.signature !== undefined) return part
      const signature = proofOf(thoughts, options)
      thoughts = []
      return signature === null ? part : { ...part, signature }
    })
  }
  return { ...answer, choices: answer.choices.map((choice) => ({ ...choice, parts: carried(choice.parts) })) }
}

function carryThoughts(emit: (event: ChatEvent) => void, options: CarryOptions): (event: ChatEvent) => void {
  const open = new Map<string, { part: ReasoningPart; readonly texts: string[] }>()
  const thoughts = new Map<number, ReasoningPart[]>()
  return (event) => {
    if (event.kind === "open" && event.part.kind === "toolCall" && event.part.signature === undefined) {
      const signature = proofOf(thoughts.get(event.choice) ?? [], options)
      thoughts.delete(event.choice)
      return emit(signature === null ? event : { ...event, part: { ...event.part, signature } })
    }
    if (event.kind === "open" && event.part.kind === "reasoning") open.set(`${event.choice} ${event.block}`, { part: event.part, texts: [] })
    else if (open.size > 0 && "block" in event) {
      const key = `${event.choice} ${event.block}`
      const thought = open.get(key)
      if (thought !== undefined && event.kind === "delta") thought.texts.push(event.text)
      if (thought !== undefined && event.kind === "signature") thought.part = { ...thought.part, signature: event.signature }
      if (thought !== undefined && event.kind === "close") {
        open.delete(key)
        const part = { ...thought.part, text: thought.part.text + thought.texts.join("") }
        if (isCarried(part, options)) thoughts.set(event.choice, [...(thoughts.get(event.choice) ?? []), part])
      }
    }
    emit(event)
  }
}

/** A request with the thinking that its calls carried in its place, once, whatever of it the client has sent back beside. */
export function withRestoredThoughts(request: ChatRequest): ChatRequest {
  const carries = request.turns.some(({ role, parts }) => role === "assistant" && parts.some(isCarrier))
  return carries ? { ...request, turns: request.turns.map(restored) } : request
}

const isCarrier = (part: Part): boolean => part.kind === "toolCall" && part.signature?.data.startsWith(THOUGHTS) === true

/** Anthropic wants the thinking first in the turn whose call it led to (extended thinking guide, tool use). */
function restored(turn: Turn): Turn {
  if (turn.role !== "assistant" || !turn.parts.some(isCarrier)) return turn
  const carried = turn.parts.flatMap((part) => (isCarrier(part) && part.signature !== undefined ? thoughtsIn(part.signature) : []))
  const proofs = new Set(carried.map(({ signature }) => signature?.data))
  // A client that keeps the text alone may have joined several.
  const isSame = (part: Part): boolean => part.kind === "reasoning" && (part.signature === undefined ? carried.some(({ text }) => text !== "" && part.text.includes(text)) : proofs.has(part.signature.data))
  const others = turn.parts.flatMap((part): readonly Part[] => {
    if (isSame(part)) return []
    if (!isCarrier(part)) return [part]
    const { signature: _carried, ...call } = part
    return [call as Part]
  })
  return { ...turn, parts: [...carried, ...others] }
}

function thoughtsIn({ data }: Signature): readonly ReasoningPart[] {
  try {
    const list: unknown = JSON.parse(data.slice(THOUGHTS.length))
    return Array.isArray(list) ? (list as readonly unknown[]).flatMap(thoughtIn) : []
  } catch {
    return []
  }
}

const origins: ReadonlySet<unknown> = new Set(["cc", "rs", "am", "gm", "br"] satisfies readonly Dialect[])

function thoughtIn(one: unknown): readonly ReasoningPart[] {
  if (!Array.isArray(one)) return []
  const [text, hidden, origin, data] = one as readonly unknown[]
  if (typeof text !== "string") return []
  const signature = origins.has(origin) && typeof data === "string" ? { signature: { origin: origin as Dialect, data } } : {}
  return [{ kind: "reasoning", text, ...(hidden === true && { hidden: true }), ...signature }]
}
