import { err, ok, type Result } from "#lib/kernel/result.ts"
import { type EarlierCall, tokenUnits, type Usage } from "#lib/kernel/usage.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import type { Found, Question, Rounds } from "../rounds.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import type { ChatAnswer, ChatEvent, ChatUsage, Finish } from "./answer.ts"
import type { DecodeContext, StreamDecoder, UpstreamCodec } from "./codec.ts"
import { createCollector, eventsOf } from "./collect.ts"
import type { AnswerPart, SearchPart, SearchResult, TextPart, ToolCallPart } from "./part.ts"
import type { ChatRequest, SearchTool } from "./request.ts"
import { queryOf, searchesMax, searchResult } from "./search-function.ts"
import { addUsage } from "./usage-sum.ts"

type Answering = Pick<UpstreamCodec, "decodeAnswer" | "openDecoder">

export type SearchRoundsOptions = {
  readonly upstream: Answering
  readonly decoding: DecodeContext
  readonly search: SearchTool
  /** What the function is called toward the channel's model. */
  readonly functionName: string
  /** The request as the first call has it: with the function in place of the search. */
  readonly request: ChatRequest
  /** How the channel answers, and whether the client gets that as it comes. */
  readonly streamed: boolean
  readonly live: boolean
  /** Writes a later call's body; null: it cannot be written. */
  readonly write: (request: ChatRequest) => Buffer | null
  readonly firstBody: Buffer
  /** Ids of searches are made of it. */
  readonly id: string
}

export type SearchRounds = Rounds & {
  /** Reads a live answer: one stream of events, however many calls it takes. */
  openDecoder(emit: (event: ChatEvent) => void): StreamDecoder
  /** The whole answer, of one that is not live. */
  answer(): Result<ChatAnswer, { readonly words: UpstreamWords | null }>
}

/** Calls of the channel for one answer, whatever is asked for: the last may not search any more. */
const roundsMax = (searches: number): number => searches + 1

/**
 * Joins the calls that one answer takes into one answer. Calls of the search function are no calls to the client: each becomes a search
 * with its results, the model is asked again with those, and what it says then goes on in the same answer. Usage is the sum of all calls.
 */
export function createSearchRounds(options: SearchRoundsOptions): SearchRounds {
  const { upstream, decoding, search, functionName, streamed, live, write, id } = options
  const usesMax = searchesMax(search.usesMax)
  const whole = createCollector()
  let emit: (event: ChatEvent) => void = (event) => whole.add(event)
  let request = options.request
  let body = options.firstBody
  let round = openRound()
  let rounds = 1
  /** Searches so far, and those of them that brought an answer: who asks for nothing else pays for no more. */
  let searches = 0
  let counted = 0
  let blocks = 0
  /** Of the calls before this one. */
  let before: ChatUsage | null = null
  const earlier: EarlierCall[] = []
  let calls: readonly ToolCallPart[] = []
  let failure: { readonly words: UpstreamWords | null } | null = null
  const found: SearchResult[] = []

  function openRound() {
    const hidden = new Set<number>()
    const shown = new Map<number, number>()
    const texts = new Map<number, string>()
    const collector = createCollector()
    return { hidden, shown, texts, collector, usage: null as ChatUsage | null, finish: null as Finish | null, closed: false, decoder: null as StreamDecoder | null }
  }

  const isSearch = (part: AnswerPart): part is ToolCallPart => part.kind === "toolCall" && part.name === functionName

  function hear(event: ChatEvent): void {
    round.collector.add(event)
    switch (event.kind) {
      case "start":
        if (rounds === 1) emit(event)
        return
      case "open":
        if (isSearch(event.part)) return void round.hidden.add(event.block)
        round.shown.set(event.block, blocks)
        if (event.part.kind === "text") round.texts.set(event.block, event.part.text)
        return emit({ ...event, block: blocks++ })
      case "delta": {
        const text = round.texts.get(event.block)
        if (text !== undefined) round.texts.set(event.block, text + event.text)
        return pass(event)
      }
      case "close":
        cite(event.block)
        return pass(event)
      case "signature":
      case "citation":
        return pass(event)
      case "usage":
        round.usage = event.usage
        return emit({ kind: "usage", usage: withSearches(before === null ? event.usage : addUsage(before, event.usage)) })
      case "finish":
        round.finish = event.finish
        return
      case "failed":
        failure = { words: event.words }
        return emit(event)
      case "logprobs":
        return emit(event)
      case "end":
        return
    }
  }

  function pass(event: Extract<ChatEvent, { readonly block: number }>): void {
    const block = round.shown.get(event.block)
    if (block !== undefined) emit({ ...event, block })
  }

  /** Addresses that were found and that the text names are its sources. */
  function cite(block: number): void {
    const text = round.texts.get(block)
    const shown = round.shown.get(block)
    if (text === undefined || shown === undefined) return
    for (const citation of citationsIn(text, found)) emit({ kind: "citation", choice: 0, block: shown, citation })
  }

  /** With what the books count beside the tokens of all calls: the searches, and which tokens were whose. */
  const withSearches = (usage: ChatUsage): ChatUsage => (searches === 0 ? usage : { ...usage, counts: { ...usage.counts, search: counted, ...(earlier.length > 0 && { earlier: [...earlier] }) } })

  /** Ends a call's stream once; some decoders say the finish only then. */
  function close(): void {
    if (round.closed) return
    round.closed = true
    round.decoder?.end()
  }

  function read(bytes: Buffer): void {
    if (streamed) {
      const decoder = upstream.openDecoder(decoding, hear)
      decoder.push(bytes)
      return decoder.end()
    }
    const answer = upstream.decodeAnswer(bytes, decoding)
    if (!answer.ok) failure = answer.error
    else for (const event of eventsOf(answer.value)) hear(event)
  }

  /** Writes the end of the answer, as the client gets it. */
  function conclude(): void {
    const { finish } = round
    if (finish === null || failure !== null) return
    const called = round.collector.answer()?.choices[0]?.parts.some((part) => part.kind === "toolCall" && !isSearch(part)) === true
    // Whoever called the search alone has called nothing that the client knows of.
    emit({ kind: "finish", choice: 0, finish: finish.reason === "toolCalls" && !called ? { ...finish, reason: "stop" } : finish })
    if (before !== null || searches > 0) emit({ kind: "usage", usage: withSearches(before === null ? roundUsage() : addUsage(before, roundUsage())) })
    emit({ kind: "end" })
  }

  /** What this call used, by our own count where the provider gave none (W-98). */
  function roundUsage(): ChatUsage {
    if (round.usage !== null) return round.usage
    const written = round.collector.answer()?.choices[0]?.parts.reduce((bytes, part) => bytes + bytesOf(part), 0) ?? 0
    return { counts: { input: tokensOf(body.length), output: tokensOf(written), estimated: true }, reasoningTokens: null }
  }

  /** What the model said in this call, and what its searches brought, in front of the next one. */
  function grown(parts: readonly AnswerPart[], outcomes: readonly Found[]): ChatRequest {
    const results = calls.map((call, index) => searchResult(call.id, functionName, outcomes[index] ?? FAILED))
    const { outputTokensMax } = request.generation
    const spent = roundUsage().counts.output ?? 0
    const last = searches >= usesMax || rounds >= roundsMax(usesMax)
    return {
      ...request,
      turns: [...request.turns, { role: "assistant", parts }, { role: "user", parts: results }],
      // A forced search is one search: forced again, it would never end.
      toolChoice: last ? { kind: "none" } : isForced(request) ? null : request.toolChoice,
      generation: { ...request.generation, outputTokensMax: outputTokensMax === null ? null : Math.max(1, outputTokensMax - spent) },
    }
  }

  return {
    ended(bytes) {
      if (bytes === null) close()
      else read(bytes)
      const answer = round.collector.answer()
      const parts = answer?.choices[0]?.parts ?? []
      calls = parts.filter(isSearch)
      const { finish } = round
      const isOver = failure !== null || finish === null || finish.reason === "length" || finish.reason === "incomplete" || calls.length === 0 || rounds >= roundsMax(usesMax)
      if (!isOver) return calls.slice(0, usesMax - searches).map((call): Question => ({ query: queryOf(call.arguments), allowedDomains: search.allowedDomains, blockedDomains: search.blockedDomains }))
      if (!live) conclude()
      return null
    },
    next(outcomes) {
      const parts = round.collector.answer()?.choices[0]?.parts ?? []
      const answered = calls.map((_, index) => outcomes[index] ?? EXCEEDED)
      for (const [index, call] of calls.entries()) {
        const { results, failed } = answered[index] ?? EXCEEDED
        const part: SearchPart = { kind: "search", id: `srvtoolu_${id}_${searches + index}`, query: queryOf(call.arguments), results, failed }
        found.push(...results)
        emit({ kind: "open", choice: 0, block: blocks, part })
        emit({ kind: "close", choice: 0, block: blocks++ })
      }
      searches += outcomes.length
      counted += outcomes.filter(({ failed }) => failed === null).length
      const own = roundUsage()
      const used = before === null ? own : addUsage(before, own)
      // The client has to answer its own calls first; what was found stands in the conversation then.
      if (parts.some((part) => part.kind === "toolCall" && !isSearch(part))) {
        if (!live) conclude()
        return null
      }
      const asked = grown(parts, answered)
      const written = write(asked)
      if (written === null) {
        failure = { words: null }
        emit({ kind: "failed", words: null })
        return null
      }
      request = asked
      body = written
      before = used
      earlier.push(tokensIn(own.counts))
      rounds++
      round = openRound()
      if (live) round.decoder = upstream.openDecoder(decoding, hear)
      // If this call is cut off, what it was asked counts, and what came of it is estimated.
      emit({ kind: "usage", usage: withSearches(unfinished(used, tokensOf(body.length))) })
      return written
    },
    openDecoder(listener) {
      emit = listener
      round.decoder = upstream.openDecoder(decoding, hear)
      return {
        push(chunk) {
          if (chunk.length > 0) round.decoder?.push(chunk)
        },
        end() {
          close()
          conclude()
        },
      }
    },
    answer() {
      if (failure !== null) return err(failure)
      const answer = whole.answer()
      return answer === null ? err({ words: null }) : ok(answer)
    },
  }
}

const FAILED: Found = { results: [], failed: "unavailable" }
const EXCEEDED: Found = { results: [], failed: "max_uses_exceeded" }

const isForced = ({ toolChoice }: ChatRequest): boolean => toolChoice?.kind === "any" || toolChoice?.kind === "tool"

const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

const tokensIn = (counts: Usage): EarlierCall => Object.fromEntries([...tokenUnits, "serviceTier" as const].flatMap((name) => (counts[name] === undefined ? [] : [[name, counts[name]]])))

function bytesOf(part: AnswerPart): number {
  if (part.kind === "toolCall") return Buffer.byteLength(part.name + part.arguments)
  return "text" in part ? Buffer.byteLength(part.text) : 0
}

/** The prompt of a call that has begun, without an output: the reader's own estimate stands for that as long as nobody has counted it. */
function unfinished({ counts, reasoningTokens }: ChatUsage, inputTokens: number): ChatUsage {
  const { output: _output, reasoning: _reasoning, ...prompt } = counts as Usage
  return { counts: { ...prompt, input: (prompt.input ?? 0) + inputTokens }, reasoningTokens }
}

function citationsIn(text: string, found: readonly SearchResult[]): NonNullable<TextPart["citations"]> {
  const cited = new Set<string>()
  return found.flatMap(({ url, title, excerpt }) => {
    const start = text.indexOf(url)
    if (start === -1 || cited.has(url)) return []
    cited.add(url)
    return [{ url, title, citedText: excerpt ?? null, start, end: start + url.length }]
  })
}
