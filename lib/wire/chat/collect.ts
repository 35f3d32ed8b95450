import type { ChatAnswer, ChatChoice, ChatEvent, ChatUsage, Finish } from "./answer.ts"
import type { AnswerPart } from "./part.ts"

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type OpenChoice = { readonly parts: Writable<AnswerPart>[]; finish: Finish | null; logprobs: unknown }

/** Makes a whole answer of a stream's events (W-117). Null as long as no choice has finished. */
export function createCollector() {
  const choices: OpenChoice[] = []
  let id: string | null = null
  let usage: ChatUsage | null = null

  const choiceAt = (index: number): OpenChoice => (choices[index] ??= { parts: [], finish: null, logprobs: undefined })
  const partAt = (choice: number, block: number): Writable<AnswerPart> | undefined => choices[choice]?.parts[block]

  return {
    add(event: ChatEvent): void {
      switch (event.kind) {
        case "start":
          id = event.id
          return
        case "open":
          choiceAt(event.choice).parts[event.block] = { ...event.part }
          return
        case "delta":
          return append(partAt(event.choice, event.block), event.text)
        case "signature": {
          const part = partAt(event.choice, event.block)
          if (part !== undefined) part.signature = event.signature
          return
        }
        case "citation": {
          const part = partAt(event.choice, event.block)
          if (part?.kind === "text") part.citations = [...(part.citations ?? []), event.citation]
          return
        }
        case "logprobs":
          choiceAt(event.choice).logprobs = mergedLogprobs(choiceAt(event.choice).logprobs, event.logprobs)
          return
        case "finish":
          choiceAt(event.choice).finish = event.finish
          return
        case "usage":
          usage = event.usage
          return
        case "close":
        case "end":
        case "failed":
          return
      }
    },
    answer(): ChatAnswer | null {
      const whole = choices.map(wholeChoice)
      return whole.length === 0 || whole.includes(null) ? null : { id, choices: whole as readonly ChatChoice[], usage }
    },
  }
}

function append(part: Writable<AnswerPart> | undefined, text: string): void {
  if (part === undefined) return
  if (part.kind === "toolCall") part.arguments += text
  else if (part.kind === "text" || part.kind === "refusal" || part.kind === "reasoning") part.text += text
}

function wholeChoice(choice: OpenChoice | undefined): ChatChoice | null {
  if (choice?.finish === null || choice === undefined) return null
  // Blocks are numbered without gaps, but a provider that skips one must not leave a hole.
  return { parts: choice.parts.filter((part) => (part as AnswerPart | undefined) !== undefined), finish: choice.finish, ...(choice.logprobs !== undefined && { logprobs: choice.logprobs }) }
}

/** CC's streamed log probabilities are lists under `content` and `refusal` that continue each other. */
function mergedLogprobs(before: unknown, more: unknown): unknown {
  if (!isRecord(before) || !isRecord(more)) return more
  const merged: Record<string, unknown> = { ...before }
  for (const [name, list] of Object.entries(more)) {
    const had = merged[name]
    merged[name] = Array.isArray(had) && Array.isArray(list) ? [...(had as readonly unknown[]), ...(list as readonly unknown[])] : (list ?? had)
  }
  return merged
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => value !== null && typeof value === "object" && !Array.isArray(value)

/** A whole answer as the events of a stream, for a client that asked for one (W-117). */
export function* eventsOf(answer: ChatAnswer): Generator<ChatEvent> {
  yield { kind: "start", id: answer.id }
  for (const [choice, { parts, finish, logprobs }] of answer.choices.entries()) {
    for (const [block, part] of parts.entries()) {
      yield { kind: "open", choice, block, part: emptied(part) }
      const text = grownText(part)
      if (text !== "") yield { kind: "delta", choice, block, text }
      if (part.kind === "text") for (const citation of part.citations ?? []) yield { kind: "citation", choice, block, citation }
      if (part.kind === "reasoning" && part.signature !== undefined) yield { kind: "signature", choice, block, signature: part.signature }
      yield { kind: "close", choice, block }
    }
    if (logprobs !== undefined) yield { kind: "logprobs", choice, logprobs }
    yield { kind: "finish", choice, finish }
  }
  if (answer.usage !== null) yield { kind: "usage", usage: answer.usage }
  yield { kind: "end" }
}

function grownText(part: AnswerPart): string {
  if (part.kind === "toolCall") return part.arguments
  return part.kind === "text" || part.kind === "refusal" || part.kind === "reasoning" ? part.text : ""
}

/**
 * A part as it opens: what grows is empty, and what comes behind it is not there yet. Thinking is signed when it is done; the proof of
 * any other part stands before it in some dialects.
 */
function emptied(part: AnswerPart): AnswerPart {
  switch (part.kind) {
    case "toolCall":
      return { ...part, arguments: "" }
    case "text": {
      const { citations: _citations, ...rest } = part
      return { ...rest, text: "" }
    }
    case "refusal":
      return { ...part, text: "" }
    case "reasoning": {
      const { signature: _signature, ...rest } = part
      return { ...rest, text: "" }
    }
    case "search":
    case "image":
    case "audio":
      return part
  }
}
