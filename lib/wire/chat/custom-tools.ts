import { isRecord } from "../request-fields.ts"
import type { ChatAnswer, ChatEvent } from "./answer.ts"
import type { AnswerPart, Part } from "./part.ts"
import type { ChatRequest, Tool, ToolDefinition } from "./request.ts"

/*
 * Custom tools take plain text, for which most dialects have no word: there each becomes a function with one string, and what the model
 * writes into that string is the tool's input again (W-24, W-133).
 */

const INPUT = "input"

/** The names of a request's custom tools; null: it has none. */
export function customToolNames({ tools }: ChatRequest): ReadonlySet<string> | null {
  const names = tools.flatMap((tool) => (tool.kind === "custom" ? [tool.name] : []))
  return names.length === 0 ? null : new Set(names)
}

/** The request with functions in place of its custom tools, also where its history called them. */
export function withoutCustomTools(request: ChatRequest, names: ReadonlySet<string>): ChatRequest {
  const isTheirs = (part: Part) => part.kind === "toolCall" && names.has(part.name)
  return {
    ...request,
    tools: request.tools.map(asFunction),
    turns: request.turns.map((turn) => (turn.parts.some(isTheirs) ? { ...turn, parts: turn.parts.map((part) => (part.kind === "toolCall" && names.has(part.name) ? { ...part, arguments: JSON.stringify({ [INPUT]: part.arguments }) } : part)) } : turn)),
  }
}

function asFunction(tool: Tool): Tool {
  if (tool.kind !== "custom") return tool
  const { grammar, ...rest } = tool
  const form = grammarText(grammar)
  return {
    ...rest,
    kind: "function",
    description: [tool.description, form].filter((text) => text !== null).join("\n\n") || null,
    parameters: { type: "object", properties: { [INPUT]: { type: "string", description: "The tool's whole input, as plain text." } }, required: [INPUT], additionalProperties: false },
    strict: null,
  }
}

/** A grammar in words, since a function's string cannot be bound to one. Chat completions nest it one deeper than responses do. */
function grammarText(format: ToolDefinition["grammar"]): string | null {
  const grammar = isRecord(format?.["grammar"]) ? format["grammar"] : format
  const definition = grammar?.["definition"]
  return typeof definition === "string" ? `The input must follow this ${String(grammar?.["syntax"] ?? "")} grammar:\n${definition}` : null
}

/** The answer with plain input again in the calls of these tools. */
export function withCustomCalls(answer: ChatAnswer, names: ReadonlySet<string>): ChatAnswer {
  const restored = (part: AnswerPart): AnswerPart => (part.kind === "toolCall" && names.has(part.name) ? { ...part, arguments: inputOf(part.arguments) } : part)
  return { ...answer, choices: answer.choices.map((choice) => ({ ...choice, parts: choice.parts.map(restored) })) }
}

/** The same for a stream: what has come of the one string goes on at once. */
export function restoreCustomCalls(names: ReadonlySet<string>, emit: (event: ChatEvent) => void): (event: ChatEvent) => void {
  const open = new Map<string, InputReader>()
  const keyOf = ({ choice, block }: { readonly choice: number; readonly block: number }) => `${choice} ${block}`
  return (event) => {
    if (event.kind === "open" && event.part.kind === "toolCall" && names.has(event.part.name)) {
      const reader = createInputReader()
      open.set(keyOf(event), reader)
      const text = reader.push(event.part.arguments)
      emit({ ...event, part: { ...event.part, arguments: "" } })
      if (text !== "") emit({ kind: "delta", choice: event.choice, block: event.block, text })
      return
    }
    const reader = open.size > 0 && (event.kind === "delta" || event.kind === "close") ? open.get(keyOf(event)) : undefined
    if (reader === undefined) return emit(event)
    if (event.kind === "close") {
      open.delete(keyOf(event))
      const { choice, block } = event
      const text = reader.end()
      if (text !== "") emit({ kind: "delta", choice, block, text })
      return emit(event)
    }
    const text = event.kind === "delta" ? reader.push(event.text) : ""
    if (text !== "") emit({ ...event, text } as ChatEvent)
  }
}

/** The one string; whatever else a model wrote is the input as it stands. */
function inputOf(text: string): string {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json) && typeof json[INPUT] === "string") return json[INPUT]
    return typeof json === "string" ? json : text
  } catch {
    return cutInput(text)
  }
}

/** Of JSON that was cut off at the token limit (W-44): as much of the string as came. */
function cutInput(text: string): string {
  const reader = createInputReader()
  return reader.push(text) + reader.end()
}

type InputReader = { push(text: string): string; end(): string }

const OPENING = /^\s*\{\s*"input"\s*:\s*"/
/** Nothing but white space and the key stands before the string; whoever writes more than this writes something else. */
const OPENING_CHARACTERS_MAX = 64

/** Reads `{"input":"…"}` as it comes and gives what stands in the string; anything else is given whole at its end. */
function createInputReader(): InputReader {
  let state: "opening" | "inside" | "behind" | "other" = "opening"
  let held = ""

  const unescapeHeld = (): string => {
    const end = closingQuote(held)
    const cut = end === -1 ? wholeEscapes(held) : end
    const text = unescaped(held.slice(0, cut))
    if (end !== -1) state = "behind"
    held = end === -1 ? held.slice(cut) : ""
    return text
  }
  return {
    push(text) {
      if (state === "behind") return ""
      held += text
      if (state === "opening") {
        const opening = OPENING.exec(held)
        if (opening !== null) {
          state = "inside"
          held = held.slice(opening[0].length)
        } else if (held.length > OPENING_CHARACTERS_MAX) state = "other"
      }
      return state === "inside" ? unescapeHeld() : ""
    },
    end() {
      if (state === "behind" || state === "inside") return ""
      return state === "other" || held.trim() !== "" ? inputOfOther(held) : ""
    },
  }
}

/** JSON with other members before the string, or no such JSON. */
function inputOfOther(text: string): string {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json)) return typeof json[INPUT] === "string" ? json[INPUT] : Object.keys(json).length === 0 ? "" : text
    return typeof json === "string" ? json : text
  } catch {
    return text
  }
}

/** Where the string's closing quote stands; -1: not yet. */
function closingQuote(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "\\") at++
    else if (character === '"') return at
  }
  return -1
}

/** How much of a text ends in no half of an escape. */
function wholeEscapes(text: string): number {
  let at = 0
  while (at < text.length) {
    const length = text[at] !== "\\" ? 1 : text[at + 1] === "u" ? 6 : 2
    if (at + length > text.length) return at
    at += length
  }
  return at
}

function unescaped(text: string): string {
  if (!text.includes("\\") && !/[\u0000-\u001f]/.test(text)) return text
  try {
    // Some models write line breaks into the string as they are.
    return JSON.parse(`"${text.replace(/[\u0000-\u001f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`) as string
  } catch {
    return text
  }
}
