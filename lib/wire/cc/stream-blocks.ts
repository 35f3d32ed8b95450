import type { ChatEvent } from "../chat/answer.ts"
import type { AnswerPart, Citation, Signature } from "../chat/part.ts"

export type Growing = "text" | "refusal" | "reasoning"

/** The blocks of one choice, numbered as they open. Of thinking, text and refusal one is open at a time, and none beside a call (W-52, W-59). */
export type StreamBlocks = {
  /** What the open block of thinking says. */
  readonly thought: string
  readonly count: number
  grow(kind: Growing, text: string): void
  /** A block of another kind: what is open is closed before it. */
  open(part: AnswerPart): number
  /** A block that is whole as it comes. */
  whole(part: AnswerPart): void
  delta(block: number, text: string): void
  signature(block: number, signature: Signature): void
  close(block: number): void
  /** A proof of what is being thought: it ends its block. */
  proveThought(signature: Signature): void
  /** What belongs to the text that is open; nothing where none is. */
  cite(citation: Citation): void
  proveText(signature: Signature): void
  closeOpen(): void
}

export function createStreamBlocks(choice: number, emit: (event: ChatEvent) => void): StreamBlocks {
  let count = 0
  let current: { readonly kind: Growing; readonly block: number } | null = null
  let thought = ""

  const begin = (part: AnswerPart): number => {
    emit({ kind: "open", choice, block: count, part })
    return count++
  }
  const close = (block: number) => emit({ kind: "close", choice, block })
  const closeOpen = () => {
    if (current !== null) close(current.block)
    current = null
  }
  /** The open block of this kind, which is opened where it is not. */
  const blockOf = (kind: Growing): number => {
    if (current?.kind === kind) return current.block
    closeOpen()
    thought = ""
    current = { kind, block: begin({ kind, text: "" }) }
    return current.block
  }
  const open = (part: AnswerPart): number => {
    closeOpen()
    return begin(part)
  }

  return {
    get thought() {
      return current?.kind === "reasoning" ? thought : ""
    },
    get count() {
      return count
    },
    grow(kind, text) {
      if (text === "") return
      const block = blockOf(kind)
      if (kind === "reasoning") thought += text
      emit({ kind: "delta", choice, block, text })
    },
    open,
    whole: (part) => close(open(part)),
    delta: (block, text) => emit({ kind: "delta", choice, block, text }),
    signature: (block, signature) => emit({ kind: "signature", choice, block, signature }),
    close,
    proveThought(signature) {
      emit({ kind: "signature", choice, block: blockOf("reasoning"), signature })
      closeOpen()
    },
    cite(citation) {
      if (current?.kind === "text") emit({ kind: "citation", choice, block: current.block, citation })
    },
    proveText(signature) {
      if (current?.kind === "text") emit({ kind: "signature", choice, block: current.block, signature })
    },
    closeOpen,
  }
}
