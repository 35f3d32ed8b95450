import type { ChatEvent } from "../chat/answer.ts"
import type { DecodeContext } from "../chat/codec.ts"
import type { AnswerPart, Signature } from "../chat/part.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { wordsOf } from "../upstream-words.ts"
import { blockReasonOf, candidatesOf, finishOf, summedSearches } from "./answer.ts"
import { listOf, recordOf, textIn } from "./fields.ts"
import { blocked, finishOfWord } from "./finish.ts"
import { citations, searchParts } from "./grounding.ts"
import { logprobsOf } from "./logprobs.ts"
import { gmUsage } from "./usage.ts"

/** One candidate while it comes. */
type Candidate = {
  blocks: number
  /** The block that grows: text and thoughts come in pieces, all else whole. */
  open: { readonly block: number; readonly kind: "text" | "reasoning" } | null
  called: boolean
  finished: boolean
  /** What was said in the open block, where sources may point into it. */
  text: string
  grounding: Fields | null
}

/**
 * Reads Gemini's responses one after the other: each is a whole answer's or a stream's next piece, in the same shape
 * (https://ai.google.dev/api/generate-content). False: nothing more is wanted.
 */
export function createResponseReader(context: DecodeContext, emit: (event: ChatEvent) => void): (response: unknown) => boolean {
  const candidates = new Map<number, Candidate>()
  const cites = context.request.tools.some(({ kind }) => kind === "search")
  let begun = false
  let searches: number | undefined
  let modelVersion: unknown

  const close = (choice: number, candidate: Candidate): void => {
    if (candidate.open === null) return
    const { block } = candidate.open
    candidate.open = null
    candidate.text = ""
    emit({ kind: "close", choice, block })
  }

  const whole = (choice: number, candidate: Candidate, part: AnswerPart, text = ""): void => {
    close(choice, candidate)
    const block = candidate.blocks++
    emit({ kind: "open", choice, block, part })
    if (text !== "") emit({ kind: "delta", choice, block, text })
    emit({ kind: "close", choice, block })
  }

  const opened = (choice: number, candidate: Candidate, kind: "text" | "reasoning"): number => {
    if (candidate.open?.kind === kind) return candidate.open.block
    close(choice, candidate)
    const block = candidate.blocks++
    candidate.open = { block, kind }
    emit({ kind: "open", choice, block, part: { kind, text: "" } })
    return block
  }

  /** A signature ends its block: what comes behind it is another part (thought signatures guide: parts with one are not merged with others). */
  const grow = (choice: number, candidate: Candidate, part: Fields, text: string): void => {
    const signature = signatureOf(part)
    const kind = part["thought"] === true ? "reasoning" : "text"
    if (text === "" && signature === undefined) return
    const block = opened(choice, candidate, kind)
    if (text !== "") emit({ kind: "delta", choice, block, text })
    if (cites && kind === "text") candidate.text += text
    if (signature === undefined) return
    emit({ kind: "signature", choice, block, signature })
    close(choice, candidate)
  }

  const takePart = (choice: number, candidate: Candidate, part: Fields): void => {
    const { text, functionCall, inlineData } = part
    if (typeof text === "string") return grow(choice, candidate, part, text)
    if (isRecord(functionCall)) {
      candidate.called = true
      const id = textIn(functionCall["id"])
      const args = JSON.stringify(isRecord(functionCall["args"]) ? functionCall["args"] : {})
      return whole(choice, candidate, { kind: "toolCall", id: id === null || id === "" ? context.newCallId() : id, name: context.toolName(textIn(functionCall["name"]) ?? ""), arguments: "", ...signedAs(part) }, args)
    }
    if (isRecord(inlineData)) {
      const mediaType = textIn(inlineData["mimeType"]) ?? "image/png"
      const media = { kind: "base64", mediaType, data: textIn(inlineData["data"]) ?? "" } as const
      return whole(choice, candidate, { kind: mediaType.startsWith("audio/") ? "audio" : "image", media, ...signedAs(part) })
    }
    // A part of nothing but a signature, as streams end with (thought signatures guide).
    if (part["thoughtSignature"] !== undefined) grow(choice, candidate, part, "")
  }

  const finish = (choice: number, candidate: Candidate, word: string): void => {
    const { grounding } = candidate
    if (grounding !== null && candidate.open?.kind === "text") {
      const { block } = candidate.open
      for (const citation of citations(grounding, candidate.text)) emit({ kind: "citation", choice, block, citation })
    }
    close(choice, candidate)
    if (grounding !== null) for (const part of searchParts(grounding, context.newCallId)) whole(choice, candidate, part)
    candidate.finished = true
    emit({ kind: "finish", choice, finish: finishOfWord(word, candidate.called) })
  }

  const takeCandidate = (fields: Fields): void => {
    const choice = typeof fields["index"] === "number" && fields["index"] >= 0 && fields["index"] < CANDIDATES_MAX ? Math.floor(fields["index"]) : 0
    const candidate = candidates.get(choice) ?? { blocks: 0, open: null, called: false, finished: false, text: "", grounding: null }
    candidates.set(choice, candidate)
    if (candidate.finished) return
    for (const part of listOf(recordOf(fields["content"])["parts"])) if (isRecord(part)) takePart(choice, candidate, part)
    if (isRecord(fields["groundingMetadata"])) candidate.grounding = fields["groundingMetadata"]
    const logprobs = fields["logprobsResult"] === undefined ? null : logprobsOf(fields["logprobsResult"])
    if (logprobs !== null) emit({ kind: "logprobs", choice, logprobs })
    const word = finishOf(fields)
    if (word !== null) finish(choice, candidate, word)
  }

  return (response) => {
    if (!isRecord(response) || isError(response)) {
      emit({ kind: "failed", words: wordsOf(response) })
      return false
    }
    if (!begun) {
      begun = true
      emit({ kind: "start", id: textIn(response["responseId"]) })
    }
    modelVersion ??= response["modelVersion"]
    const given = candidatesOf(response)
    for (const candidate of given) takeCandidate(candidate)
    const reason = blockReasonOf(response)
    if (given.length === 0 && reason !== null && candidates.size === 0) {
      candidates.set(0, { blocks: 0, open: null, called: false, finished: true, text: "", grounding: null })
      emit({ kind: "finish", choice: 0, finish: blocked(reason) })
    }
    searches = summedSearches(given, modelVersion) ?? searches
    const counts = gmUsage(response["usageMetadata"], searches)
    if (counts !== null) emit({ kind: "usage", usage: { counts, reasoningTokens: counts.reasoning ?? null } })
    return true
  }
}

/** More than the eight that may be asked for is no index. */
const CANDIDATES_MAX = 128

const isError = ({ error }: Fields): boolean => error !== undefined && error !== null

const signatureOf = ({ thoughtSignature: data }: Fields): Signature | undefined => (typeof data === "string" && data !== "" ? { origin: "gm", data } : undefined)

function signedAs(part: Fields): { readonly signature?: Signature } {
  const signature = signatureOf(part)
  return signature === undefined ? {} : { signature }
}
