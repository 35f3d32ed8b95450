import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext, StreamDecoder } from "../chat/codec.ts"
import { createSseDecoder } from "../chat/sse-decoder.ts"
import { type Fields, isRecord, objectIn } from "../request-fields.ts"
import { wordsOf } from "../upstream-words.ts"
import { citationOf } from "./citations.ts"
import { finishOf, inputText, openedPart } from "./decode-answer.ts"
import { searchPart } from "./decode-blocks.ts"
import { plainDelta } from "./plain-delta.ts"
import { amUsage, laterUsage } from "./usage.ts"

/** A block that is open: what it is called in the events, and what its input was at its start, for providers that send no deltas of it. */
type OpenBlock = { readonly block: number; readonly input: string; grown: boolean }
/** A search that is being asked for: its query grows like a tool's input. */
type Asked = { readonly id: string; readonly input: unknown; json: string }

/** Reads Anthropic's stream of events (https://docs.anthropic.com/en/docs/build-with-claude/streaming). */
export function createAmStreamDecoder(context: DecodeContext, emit: (event: ChatEvent) => void): StreamDecoder {
  const open = new Map<unknown, OpenBlock>()
  const asking = new Map<unknown, Asked>()
  const asked = new Map<string, Asked>()
  let begun = false
  let finished = false
  let blocks = 0
  let usage: Fields | null = null
  let searches = 0

  const openBlock = (index: unknown, content: Fields): void => {
    const { type } = content
    if (type === "server_tool_use") {
      if (content["name"] !== "web_search") return
      const search = { id: String(content["id"]), input: content["input"], json: "" }
      searches++
      asking.set(index, search)
      asked.set(search.id, search)
      return
    }
    if (type === "web_search_tool_result") {
      const id = String(content["tool_use_id"])
      const block = blocks++
      emit({ kind: "open", choice: 0, block, part: searchPart(id, { input: queryOf(asked.get(id)) }, content) })
      emit({ kind: "close", choice: 0, block })
      return
    }
    const part = openedPart(content, context)
    if (part === null) return
    closeBlock(index)
    const block = blocks++
    open.set(index, { block, input: part.kind === "toolCall" ? inputText(content["input"]) : "", grown: false })
    emit({ kind: "open", choice: 0, block, part })
  }

  const closeBlock = (index: unknown): void => {
    asking.delete(index)
    const one = open.get(index)
    if (one === undefined) return
    open.delete(index)
    if (!one.grown && one.input !== "") emit({ kind: "delta", choice: 0, block: one.block, text: one.input })
    emit({ kind: "close", choice: 0, block: one.block })
  }

  const grow = (index: unknown, delta: Fields): void => {
    const { type } = delta
    const search = type === "input_json_delta" ? asking.get(index) : undefined
    if (search !== undefined) {
      search.json += textOf(delta["partial_json"])
      return
    }
    const one = open.get(index)
    if (one === undefined) return
    if (type === "signature_delta") {
      const data = textOf(delta["signature"])
      if (data !== "") emit({ kind: "signature", choice: 0, block: one.block, signature: { origin: "am", data } })
      return
    }
    if (type === "citations_delta") {
      const citation = citationOf(delta["citation"])
      if (citation !== null) emit({ kind: "citation", choice: 0, block: one.block, citation })
      return
    }
    add(one, textOf(type === "text_delta" ? delta["text"] : type === "input_json_delta" ? delta["partial_json"] : type === "thinking_delta" ? delta["thinking"] : ""))
  }

  const add = (one: OpenBlock, text: string): void => {
    if (text === "") return
    one.grown = true
    emit({ kind: "delta", choice: 0, block: one.block, text })
  }

  /** Most events add text to a block of the answer: false where this one does something else. */
  const takeText = (data: string): boolean => {
    const delta = plainDelta(data)
    const one = delta === null ? undefined : open.get(delta.index)
    if (delta === null || one === undefined) return false
    add(one, delta.text)
    return true
  }

  const tellUsage = (whole: boolean): void => {
    const counts = amUsage(usage, searches === 0 ? undefined : searches)
    if (counts === null) return
    const { output: _early, ...prompt } = counts
    // What message_start counts of the output is a token or two that is no count.
    emit({ kind: "usage", usage: { counts: whole ? counts : prompt, reasoningTokens: null } })
  }

  const fail = (event: unknown): false => {
    emit({ kind: "failed", words: wordsOf(event) })
    return false
  }

  const take = (event: Fields): boolean => {
    const { type, index } = event
    switch (type) {
      case "message_start": {
        const message = isRecord(event["message"]) ? event["message"] : {}
        begun = true
        usage = laterUsage(null, message["usage"])
        emit({ kind: "start", id: typeof message["id"] === "string" ? message["id"] : null })
        tellUsage(false)
        return true
      }
      case "content_block_start":
      case "content_block_delta":
      case "content_block_stop":
        if (!begun) return fail(null)
        if (type === "content_block_stop") closeBlock(index)
        else if (type === "content_block_start") openBlock(index, isRecord(event["content_block"]) ? event["content_block"] : {})
        else if (isRecord(event["delta"])) grow(index, event["delta"])
        return true
      case "message_delta": {
        if (!begun) return fail(null)
        const delta = isRecord(event["delta"]) ? event["delta"] : {}
        usage = laterUsage(usage, event["usage"])
        if (isRecord(event["usage"]) && event["usage"]["output_tokens"] !== undefined) tellUsage(true)
        if (typeof delta["stop_reason"] !== "string" || finished) return true
        finished = true
        for (const one of [...open.keys()]) closeBlock(one)
        emit({ kind: "finish", choice: 0, finish: finishOf(delta["stop_reason"], delta["stop_sequence"]) })
        return true
      }
      case "message_stop":
        if (!begun) return fail(null)
        emit({ kind: "end" })
        return false
      case "error":
        return fail(event)
      default:
        // Pings, and events that are yet to come (streaming guide, other events).
        return typeof type === "string" ? true : fail(event)
    }
  }

  return createSseDecoder({
    take(data) {
      if (takeText(data)) return true
      const event = objectIn(data)
      return event === null ? fail(null) : take(event)
    },
    overflow: () => void fail(null),
    closed: () => undefined,
  })
}

/** What a search was asked, whole at its start or in the deltas behind it. */
const queryOf = (search: Asked | undefined): unknown => (search === undefined ? {} : (objectIn(search.json) ?? search.input))

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
