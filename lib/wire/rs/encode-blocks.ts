import type { EncodeContext } from "../chat/codec.ts"
import type { AnswerPart, Citation, ReasoningPart, RefusalPart, SearchPart, Signature, TextPart, ToolCallPart } from "../chat/part.ts"
import { createEventWriter, type EventWriter } from "./event-writer.ts"
import { annotationOf, callItem, callPrefix, type CalledTool, createToolFinder, imageItem, type Item, itemId, messageItem, proofBefore, proofItem, reasoningItem, refusalContent, searchItem, summaryContent, textContent } from "./items.ts"

/** The message that texts and refusals which follow each other are parts of. */
type Message = { readonly id: string; readonly index: number; readonly content: object[]; openParts: number; /** Of its text, where it came behind it. */ proof: Signature | undefined }

type Growing = { readonly id: string; readonly index: number; readonly beginning: string; text: string }

/** What is open of an answer. */
type Block =
  | (Growing & { readonly kind: "text"; readonly message: Message; readonly at: number; readonly citations: Citation[] })
  | (Growing & { readonly kind: "refusal"; readonly message: Message; readonly at: number })
  | (Growing & { readonly kind: "reasoning"; signature: Signature | undefined })
  | (Growing & { readonly kind: "call"; readonly part: ToolCallPart; readonly tool: CalledTool; proof: Signature | undefined })
  /** Came whole with its beginning, or has no place here. */
  | { readonly kind: "whole" }

const WHOLE: Block = { kind: "whole" }

/** A response while it is written. */
export type Desk = {
  readonly writer: EventWriter
  readonly responseId: string
  readonly toolOf: (name: string) => CalledTool
  readonly items: Item[]
  readonly blocks: Map<number, Block>
  message: Message | null
  /** Of the text that is open, or comes next. */
  logprobs: readonly unknown[]
}

export const createDesk = (context: EncodeContext): Desk => ({ writer: createEventWriter(), responseId: context.responseId, toolOf: createToolFinder(context), items: [], blocks: new Map(), message: null, logprobs: [] })

const isTalk = (part: AnswerPart): part is TextPart | RefusalPart => part.kind === "text" || part.kind === "refusal"

/** Begins a block: adds its item, or its part of the message that is open. */
export function openBlock(desk: Desk, number: number, part: AnswerPart): string {
  const proof = proofBefore(part)
  const before = isTalk(part) && proof === undefined && desk.message?.index === desk.items.length - 1 ? "" : closeMessage(desk)
  return before + wholeProof(desk, proof) + begin(desk, number, part)
}

function begin(desk: Desk, number: number, part: AnswerPart): string {
  switch (part.kind) {
    case "text":
    case "refusal":
      return openPart(desk, number, part) + growBlock(desk, number, part.text)
    case "reasoning":
      return openReasoning(desk, number, part) + growBlock(desk, number, part.text)
    case "toolCall":
      return openCall(desk, number, part) + growBlock(desk, number, part.arguments)
    case "search":
      desk.blocks.set(number, WHOLE)
      return wholeSearch(desk, part)
    case "image": {
      desk.blocks.set(number, WHOLE)
      const item = imageItem(nextId(desk, "ig"), part)
      const index = desk.items.length
      return added(desk, index, { ...item, status: "in_progress", result: null }) + done(desk, index, item)
    }
    case "audio":
      desk.blocks.set(number, WHOLE)
      return ""
  }
}

function openPart(desk: Desk, number: number, part: TextPart | RefusalPart): string {
  const { writer, blocks } = desk
  const fresh = desk.message === null
  const message = (desk.message ??= { id: nextId(desk, "msg"), index: desk.items.length, content: [], openParts: 0, proof: undefined })
  const opened = fresh ? added(desk, message.index, messageItem(message.id, "in_progress", [])) : ""
  const at = message.content.length
  const { id, index } = message
  const place = { item_id: id, output_index: index, content_index: at }
  const empty = part.kind === "text" ? textContent("") : refusalContent("")
  message.content.push(empty)
  message.openParts++
  const growing = { id, index, message, at, text: "" }
  if (part.kind === "text") blocks.set(number, { ...growing, kind: "text", beginning: writer.beginning("response.output_text.delta", place), citations: [] })
  else blocks.set(number, { ...growing, kind: "refusal", beginning: writer.beginning("response.refusal.delta", place) })
  return opened + writer.write("response.content_part.added", { ...place, part: empty })
}

function openReasoning(desk: Desk, number: number, { signature }: ReasoningPart): string {
  const id = nextId(desk, "rs")
  const index = desk.items.length
  const beginning = desk.writer.beginning("response.reasoning_summary_text.delta", { item_id: id, output_index: index, summary_index: 0 })
  desk.blocks.set(number, { kind: "reasoning", id, index, beginning, text: "", signature })
  return added(desk, index, { ...reasoningItem(id, "", undefined), status: "in_progress" })
}

function openCall(desk: Desk, number: number, part: ToolCallPart): string {
  const tool = desk.toolOf(part.name)
  const id = nextId(desk, callPrefix(tool))
  const index = desk.items.length
  const beginning = desk.writer.beginning(tool.kind === "custom" ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", { item_id: id, output_index: index })
  desk.blocks.set(number, { kind: "call", id, index, beginning, text: "", part, tool, proof: undefined })
  return added(desk, index, callItem(id, "in_progress", part, "", tool))
}

function wholeProof(desk: Desk, signature: Signature | undefined): string {
  if (signature === undefined) return ""
  const item = proofItem(nextId(desk, "rs"), signature)
  const index = desk.items.length
  return added(desk, index, { ...item, status: "in_progress" }) + done(desk, index, item)
}

function wholeSearch(desk: Desk, part: SearchPart): string {
  const id = nextId(desk, "ws")
  const index = desk.items.length
  const states = ["in_progress", "searching", "completed"] as const
  const opened = added(desk, index, searchItem(id, "in_progress", part))
  const went = states.map((state) => desk.writer.write(`response.web_search_call.${state}`, { item_id: id, output_index: index })).join("")
  return opened + went + done(desk, index, searchItem(id, part.failed === null ? "completed" : "failed", part))
}

/** More of a block: the hot path. */
export function growBlock({ blocks, writer }: Desk, number: number, text: string): string {
  const block = blocks.get(number)
  if (text === "" || block === undefined || block.kind === "whole") return ""
  const first = block.text === ""
  block.text += text
  if (block.kind === "text") return writer.delta(block.beginning, text, ',"logprobs":[]')
  // A search for tools has no events of its own: its arguments come whole.
  if (block.kind === "call" && block.tool.kind === "search") return ""
  const opened = first && block.kind === "reasoning" ? writer.write("response.reasoning_summary_part.added", { item_id: block.id, output_index: block.index, summary_index: 0, part: summaryContent("") }) : ""
  return opened + writer.delta(block.beginning, text, "")
}

/** What the provider proves of a block: thoughts say it in their item's end, all others in an item behind theirs. */
export function signBlock({ blocks }: Desk, number: number, signature: Signature): void {
  const block = blocks.get(number)
  if (block?.kind === "reasoning") block.signature = signature
  if (block?.kind === "call") block.proof = signature
  if (block?.kind === "text") block.message.proof = signature
}

/** A source of what an open text says. */
export function citeInBlock({ blocks, writer }: Desk, number: number, citation: Citation): string {
  const block = blocks.get(number)
  if (block?.kind !== "text") return ""
  const { id, index, at, citations, text } = block
  citations.push(citation)
  return writer.write("response.output_text.annotation.added", { item_id: id, output_index: index, content_index: at, annotation_index: citations.length - 1, annotation: annotationOf(citation, text.length) })
}

/** Ends a block. Its message stays open, since another text may follow. */
export function closeBlock(desk: Desk, number: number): string {
  const block = desk.blocks.get(number)
  desk.blocks.delete(number)
  if (block === undefined || block.kind === "whole") return ""
  switch (block.kind) {
    case "text":
    case "refusal":
      return closePart(desk, block)
    case "reasoning":
      return closeReasoning(desk, block)
    case "call":
      return closeCall(desk, block) + wholeProof(desk, block.proof)
  }
}

function closePart(desk: Desk, block: Extract<Block, { kind: "text" | "refusal" }>): string {
  const { id, index, message, at, text } = block
  const place = { item_id: id, output_index: index, content_index: at }
  const { logprobs, writer } = desk
  const part = block.kind === "text" ? textContent(text, block.citations.map((citation) => annotationOf(citation, text.length)), logprobs) : refusalContent(text)
  if (block.kind === "text") desk.logprobs = []
  message.content[at] = part
  message.openParts--
  const said = block.kind === "text" ? writer.write("response.output_text.done", { ...place, text, logprobs }) : writer.write("response.refusal.done", { ...place, refusal: text })
  return said + writer.write("response.content_part.done", { ...place, part })
}

function closeReasoning(desk: Desk, { id, index, text, signature }: Extract<Block, { kind: "reasoning" }>): string {
  const place = { item_id: id, output_index: index, summary_index: 0 }
  const { writer } = desk
  const summary = text === "" ? "" : writer.write("response.reasoning_summary_text.done", { ...place, text }) + writer.write("response.reasoning_summary_part.done", { ...place, part: summaryContent(text) })
  return summary + done(desk, index, reasoningItem(id, text, signature))
}

function closeCall(desk: Desk, { id, index, text, part, tool }: Extract<Block, { kind: "call" }>): string {
  const item = callItem(id, "completed", part, text, tool)
  const place = { item_id: id, output_index: index }
  switch (tool.kind) {
    case "search":
      return done(desk, index, item)
    case "custom":
      return desk.writer.write("response.custom_tool_call_input.done", { ...place, input: text }) + done(desk, index, item)
    case "function":
      return desk.writer.write("response.function_call_arguments.done", { ...place, name: tool.name, arguments: item["arguments"] }) + done(desk, index, item)
  }
}

/** Ends the message that is open, if there is one and nothing of it still grows. */
export function closeMessage(desk: Desk): string {
  const { message } = desk
  if (message === null || message.openParts > 0) return ""
  desk.message = null
  return done(desk, message.index, messageItem(message.id, "completed", message.content)) + wholeProof(desk, message.proof)
}

function added(desk: Desk, index: number, item: Item): string {
  desk.items[index] = item
  return desk.writer.write("response.output_item.added", { output_index: index, item })
}

function done(desk: Desk, index: number, item: Item): string {
  desk.items[index] = item
  return desk.writer.write("response.output_item.done", { output_index: index, item })
}

const nextId = ({ responseId, items }: Desk, prefix: string): string => itemId(prefix, responseId, items.length)
