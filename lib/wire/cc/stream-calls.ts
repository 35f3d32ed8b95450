import type { DecodeContext } from "../chat/codec.ts"
import type { Signature } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { readExtraContent } from "./reasoning-details.ts"

/** Of a choice: opens a block for a call, adds to it, closes it. */
export type CallSink = {
  open(part: { readonly id: string; readonly name: string }): number
  delta(block: number, text: string): void
  signature(block: number, signature: Signature): void
  close(block: number): void
}

type OpenCall = { readonly id: string | null; readonly index: number | null; readonly custom: boolean; name: string; arguments: string; block: number | null; closed: boolean }

/**
 * The calls of one choice as their deltas come: id and name first or all at once (W-38), several deltas of one call in a chunk (W-39),
 * interleaved by index (W-40), or from providers that leave the index out or say 0 for every call (W-41).
 */
export function createStreamCalls({ toolName, newCallId }: DecodeContext, sink: CallSink) {
  const calls: OpenCall[] = []

  /** Deltas that begin a call name it; those that only continue one may repeat its id, or carry another id without a name. */
  function callFor({ id, index, name, custom }: Pick<OpenCall, "id" | "index" | "name" | "custom">): OpenCall {
    const byId = id === null ? undefined : calls.findLast((call) => call.id === id)
    const known = byId ?? (index === null ? calls.at(-1) : calls.findLast((call) => call.index === index))
    if (known !== undefined && (byId !== undefined || name === "" || !isAnother(known, { id, index, name }))) return known
    finishOthers()
    const call: OpenCall = { id, index, custom, name: "", arguments: "", block: null, closed: false }
    calls.push(call)
    return call
  }

  /** A call whose JSON is whole gets no more: closing it lets the next one go on at once to clients that see one call at a time (W-40). */
  function finishOthers(): void {
    for (const call of calls) if (!call.closed && call.block !== null && isWhole(call)) close(call)
  }

  function close(call: OpenCall): void {
    if (call.closed || call.block === null) return
    if (call.arguments === "" && !call.custom) sink.delta(call.block, "{}")
    call.closed = true
    sink.close(call.block)
  }

  function grow(call: OpenCall, text: string): void {
    if (call.closed || text === "") return
    call.arguments += text
    if (call.block !== null) sink.delta(call.block, text)
  }

  /** A call is shown as soon as its name is known. */
  function openCall(call: OpenCall): void {
    call.block = sink.open({ id: call.id ?? newCallId(), name: toolName(call.name) })
    if (call.arguments !== "") sink.delta(call.block, call.arguments)
  }

  return {
    get any() {
      return calls.length > 0
    },
    /** One element of a delta's `tool_calls`; `function_call` of old comes as one without id and with index 0. */
    add(delta: Fields): void {
      const custom = isRecord(delta["custom"]) ? delta["custom"] : null
      const called: Fields = custom ?? (isRecord(delta["function"]) ? delta["function"] : {})
      const name = typeof called["name"] === "string" ? called["name"] : ""
      const id = typeof delta["id"] === "string" && delta["id"] !== "" ? delta["id"] : null
      const call = callFor({ id, index: typeof delta["index"] === "number" ? delta["index"] : null, name, custom: custom !== null })
      if (call.name === "" && name !== "") call.name = name
      grow(call, argumentsOf(called))
      if (call.block === null && call.name !== "") openCall(call)
      const { signature } = readExtraContent(delta["extra_content"])
      if (signature !== undefined && call.block !== null && !call.closed) sink.signature(call.block, signature)
    },
    end(): void {
      for (const call of calls) {
        if (call.block === null) openCall(call)
        close(call)
      }
    },
  }
}

function argumentsOf(called: Fields): string {
  const given = called["arguments"] ?? called["input"]
  if (typeof given === "string") return given
  return isRecord(given) ? JSON.stringify(given) : ""
}

/** Whether a named delta begins a call of its own, although its place says that it continues one. */
function isAnother(known: OpenCall, { id, index, name }: Pick<OpenCall, "id" | "index" | "name">): boolean {
  if (id !== null) return known.id !== null && known.id !== id
  return known.name !== "" && (isWhole(known) || (index === null && known.name !== name))
}

/** Whether its arguments are a whole object, to which nothing can be added. */
function isWhole({ custom, arguments: text }: OpenCall): boolean {
  if (custom || !text.trimEnd().endsWith("}")) return false
  try {
    return isRecord(JSON.parse(text))
  } catch {
    return false
  }
}
