import type { ChatEvent } from "../chat/answer.ts"
import type { AnswerPart, Citation } from "../chat/part.ts"

type Block = { readonly number: number; text: boolean; open: boolean }

/** The blocks of an answer by their place in the stream: an item's index, or an item's and a part's. */
export type Blocks = {
  /** Opens a block, once. */
  open(key: string, part: AnswerPart): void
  grow(key: string, text: string): void
  /** Says the text of a block of which nothing was streamed. */
  complete(key: string, text: string): void
  hasText(key: string): boolean
  cite(key: string, citation: Citation): void
  close(key: string): void
  /** Ends a message's parts; parts of which nothing was streamed are said whole. */
  closeMessage(item: string, parts: readonly AnswerPart[]): void
  closeReasoning(key: string, part: AnswerPart): void
  closeCall(key: string, part: AnswerPart): void
  /** A block that comes at once. */
  whole(part: AnswerPart): void
  closeAll(): void
  readonly opened: number
  /** Calls of tools among them. */
  readonly calls: number
}

export function createBlocks(emit: (event: ChatEvent) => void): Blocks {
  const blocks = new Map<string, Block>()
  let opened = 0
  let calls = 0

  const begin = (part: AnswerPart): number => {
    if (part.kind === "toolCall") calls++
    emit({ kind: "open", choice: 0, block: opened, part })
    return opened++
  }

  function open(key: string, part: AnswerPart): void {
    if (blocks.has(key)) return
    const text = textOf(part)
    const block = { number: begin(withoutText(part)), text: false, open: true }
    blocks.set(key, block)
    if (text !== "") grow(key, text)
  }

  function grow(key: string, text: string): void {
    const block = blocks.get(key)
    if (block === undefined || !block.open || text === "") return
    block.text = true
    emit({ kind: "delta", choice: 0, block: block.number, text })
  }

  function close(key: string): void {
    const block = blocks.get(key)
    if (block === undefined || !block.open) return
    block.open = false
    emit({ kind: "close", choice: 0, block: block.number })
  }

  function complete(key: string, text: string): void {
    if (blocks.get(key)?.text === false) grow(key, text)
  }

  /** Closes a block, with what its item says and its stream did not. */
  function finish(key: string, part: AnswerPart): void {
    open(key, withoutText(part))
    complete(key, textOf(part))
    const block = blocks.get(key)
    if (block?.open && part.signature !== undefined) emit({ kind: "signature", choice: 0, block: block.number, signature: part.signature })
    close(key)
  }

  return {
    open,
    grow,
    complete,
    hasText: (key) => blocks.get(key)?.text === true,
    cite(key, citation) {
      const block = blocks.get(key)
      if (block?.open) emit({ kind: "citation", choice: 0, block: block.number, citation })
    },
    close,
    closeMessage(item, parts) {
      for (const [index, part] of parts.entries()) finish(`${item}/${index}`, part)
    },
    closeReasoning: finish,
    closeCall: finish,
    whole(part) {
      const block = begin(withoutText(part))
      const text = textOf(part)
      if (text !== "") emit({ kind: "delta", choice: 0, block, text })
      if (part.kind === "text") for (const citation of part.citations ?? []) emit({ kind: "citation", choice: 0, block, citation })
      if (part.signature !== undefined) emit({ kind: "signature", choice: 0, block, signature: part.signature })
      emit({ kind: "close", choice: 0, block })
    },
    closeAll() {
      for (const key of blocks.keys()) close(key)
    },
    get opened() {
      return opened
    },
    get calls() {
      return calls
    },
  }
}

/** What of a part grows. */
function textOf(part: AnswerPart): string {
  if (part.kind === "toolCall") return part.arguments
  return part.kind === "text" || part.kind === "refusal" || part.kind === "reasoning" ? part.text : ""
}

/** A part as it opens: its signature and its sources come behind its text. */
function withoutText(part: AnswerPart): AnswerPart {
  const { signature: _signature, ...rest } = part
  if (rest.kind === "toolCall") return { ...rest, arguments: "" }
  if (rest.kind === "text") return { kind: "text", text: "" }
  return rest.kind === "refusal" || rest.kind === "reasoning" ? { ...rest, text: "" } : rest
}
