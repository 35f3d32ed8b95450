import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import type { CcTraits } from "../chat/model-traits.ts"
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from "../chat/part.ts"
import type { ChatRequest, Turn } from "../chat/request.ts"
import { argumentsObject } from "../chat/tool-arguments.ts"
import { markLaterSystem, mergeTurns, pairResults, splitLeadingSystem, withoutBlanks } from "../chat/turns.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { callIdFor } from "./call-ids.ts"
import { contentFor } from "./encode-content.ts"
import { detailForProvider } from "./reasoning-details.ts"

export type MessagesOptions = {
  readonly target: TargetModel
  readonly notes: Notes
  /** The name under which the target knows a tool. */
  toolName(name: string): string
  /** What the system prompt must say beside the client's own words; null: nothing. */
  readonly instruction: string | null
}

/** Stands for thinking that a model of another vendor did and that this one insists on: DeepSeek and Kimi answer 400 where the member is missing. */
const NO_THOUGHTS = " "

/** The messages of a request, the system prompt first. */
export function messagesFor(request: ChatRequest, options: MessagesOptions): Result<readonly Fields[], Unsupported> {
  const { system, rest } = splitLeadingSystem(withoutBlanks(request.turns))
  const openai = options.target.traits.cc?.openai === true
  const customTools = new Set(request.tools.flatMap((tool) => (tool.kind === "custom" ? [tool.name] : [])))
  const messages: Fields[] = systemMessages(system, options)
  // Many vendors' templates take a system message in the first place alone.
  const turns = pairResults(mergeTurns(openai ? rest : markLaterSystem(rest)))
  for (const turn of turns) {
    const written = turnMessages(turn, customTools, options)
    if (!written.ok) return written
    messages.push(...written.value)
  }
  return turns.at(-1)?.role === "assistant" ? withPrefill(messages, options.target) : ok(messages)
}

/** The answer goes on where the last message ends, or the request is refused: who knows no such thing would answer that message (W-9). */
function withPrefill(messages: readonly Fields[], { traits }: TargetModel): Result<readonly Fields[], Unsupported> {
  const { prefill } = traits.cc ?? {}
  if (prefill === undefined) return err({ field: "messages", message: "This model cannot go on with an assistant message: the last message must be the user's." })
  return ok(prefill === "message" ? messages : messages.with(-1, { ...messages.at(-1), [prefill]: true }))
}

/** One message, save for OpenAI's models, which are told who said what (W-3). */
function systemMessages(system: readonly Turn[], { target, instruction }: MessagesOptions): Fields[] {
  const role = target.traits.developerRole ? "developer" : "system"
  const texts = [...system.map(textOfSystem), ...(instruction === null ? [] : [instruction])].filter((text) => text !== "")
  if (texts.length === 0) return []
  return target.traits.cc?.openai === true ? texts.map((content) => ({ role, content })) : [{ role, content: texts.join("\n\n") }]
}

const textOfSystem = ({ parts }: Turn): string => parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n")

function turnMessages(turn: Turn, customTools: ReadonlySet<string>, options: MessagesOptions): Result<readonly Fields[], Unsupported> {
  switch (turn.role) {
    case "system":
      return ok([{ role: options.target.traits.developerRole ? "developer" : "system", content: textOfSystem(turn) }])
    case "assistant":
      return ok([assistantMessage(turn, customTools, options)])
    case "user":
      return userMessages(turn, options)
  }
}

/** Each result as a message of its own, then what the user says (W-28); pictures in results follow as the user's (W-29). */
function userMessages(turn: Turn, { target, notes }: MessagesOptions): Result<readonly Fields[], Unsupported> {
  const messages: Fields[] = []
  const said: Parameters<typeof contentFor>[0][number][] = []
  for (const part of turn.parts) {
    if (part.kind === "toolResult") {
      messages.push({ role: "tool", tool_call_id: callIdFor(part.callId, target.traits.cc?.shortCallIds === true), content: resultText(part) })
      for (const one of part.content) if (one.kind !== "text") said.push(one)
    } else if (part.kind === "text" || part.kind === "image" || part.kind === "audio" || part.kind === "video" || part.kind === "document") said.push(part)
    else notes.dropped("messages", `[].${part.kind}`)
  }
  if (said.length === 0) return ok(messages)
  const content = contentFor(said, target.traits.cc?.films === true)
  if (!content.ok) return content
  return ok([...messages, { role: "user", content: content.value, ...(target.traits.cc?.openai === true && turn.name !== undefined && { name: turn.name }) }])
}

const ERROR = "Error:"

/** Text alone, never absent (W-31); what failed says so (W-30). */
function resultText({ content, failed }: ToolResultPart): string {
  const text = content.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n")
  const said = text === "" && content.length > 0 ? "The result follows." : text
  return failed && !said.startsWith(ERROR) ? `${ERROR} ${said}`.trimEnd() : said
}

function assistantMessage({ parts }: Turn, customTools: ReadonlySet<string>, options: MessagesOptions): Fields {
  const { target, notes } = options
  const traits = target.traits.cc ?? {}
  const refusal = parts.flatMap((part) => (part.kind === "refusal" ? [part.text] : [])).join("")
  const texts: string[] = []
  for (const part of parts) {
    if (part.kind === "text" || (part.kind === "refusal" && traits.openai !== true)) texts.push(part.text)
    else if (part.kind === "image" || part.kind === "audio" || part.kind === "video" || part.kind === "document" || part.kind === "search") notes.dropped("messages", `[].${part.kind}`)
  }
  const calls = parts.filter((part) => part.kind === "toolCall")
  const { fields, content } = withThoughts(texts.join("\n\n"), parts, traits, notes)
  return {
    role: "assistant",
    // OpenAI wants the member in every message, and null where there is only a call.
    content: content === "" && (calls.length > 0 || refusal !== "") ? null : content,
    ...(traits.openai === true && refusal !== "" && { refusal }),
    ...fields,
    ...(calls.length > 0 && { tool_calls: calls.map((call) => callFor(call, customTools, options)) }),
    ...(calls.length > 0 && fields["reasoning_content"] === undefined && traits.thoughtsWithCalls === true && { reasoning_content: NO_THOUGHTS }),
  }
}

/** Thinking of earlier turns, in the place that the target has for it. */
function withThoughts(content: string, parts: readonly Part[], { thoughts }: CcTraits, notes: Notes): { readonly fields: Fields; readonly content: string | readonly Fields[] } {
  const reasoning = parts.filter((part): part is ReasoningPart => part.kind === "reasoning")
  const text = reasoning.map((part) => part.text).filter((one) => one !== "").join("\n\n")
  if (thoughts === "details") {
    const details = reasoning.flatMap((part, index) => detailForProvider(part, index) ?? [])
    return { fields: details.length === 0 ? {} : { reasoning_details: details }, content }
  }
  if (text === "") return { fields: {}, content }
  switch (thoughts) {
    case "reasoning_content":
    case "reasoning":
      return { fields: { [thoughts]: text }, content }
    case "tags":
      return { fields: {}, content: `<think>\n${text}\n</think>\n\n${content}` }
    case "parts":
      return { fields: {}, content: [{ type: "thinking", thinking: [{ type: "text", text }] }, ...(content === "" ? [] : [{ type: "text", text: content }])] }
    case null:
    case undefined:
      notes.dropped("messages", "[].reasoning")
      return { fields: {}, content }
  }
}

function callFor(call: ToolCallPart, customTools: ReadonlySet<string>, { target, toolName }: MessagesOptions): Fields {
  const id = callIdFor(call.id, target.traits.cc?.shortCallIds === true)
  const name = toolName(call.name)
  if (customTools.has(call.name)) return { id, type: "custom", custom: { name, input: call.arguments } }
  return { id, type: "function", function: { name, arguments: jsonArguments(call.arguments) }, ...geminiProof(call, target) }
}

/** JSON of an object in any case: vendors' templates read it, and fail on what is none (W-35). */
const jsonArguments = (text: string): string => (isObjectText(text) ? text : JSON.stringify(argumentsObject(text)))

function isObjectText(text: string): boolean {
  if (text === "{}") return true
  try {
    return isRecord(JSON.parse(text))
  } catch {
    return false
  }
}

/** Gemini behind its OpenAI-compatible address wants its proof again (https://ai.google.dev/gemini-api/docs/openai). */
const geminiProof = ({ signature }: ToolCallPart, { traits }: TargetModel): Fields =>
  traits.gmThinking !== null && signature?.origin === "gm" ? { extra_content: { google: { thought_signature: signature.data } } } : {}
