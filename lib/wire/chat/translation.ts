import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import type { Answer, Seen, StreamReader, StreamState } from "../raw-lane.ts"
import { STREAM_OVER } from "../raw-stream.ts"
import type { Attempted, Prepared, UpstreamLane } from "../upstream-lane.ts"
import type { UpstreamWords } from "../upstream-words.ts"
import type { ChatAnswer, ChatEvent, ChatUsage, FinishReason } from "./answer.ts"
import { carryingThoughts, withRestoredThoughts } from "./carried-thoughts.ts"
import type { ClientCodec, DecodeContext, EncodeContext, Notes, TargetModel, Unsupported, UpstreamCodec } from "./codec.ts"
import { createCollector, eventsOf } from "./collect.ts"
import { customToolNames, restoreCustomCalls, withCustomCalls, withoutCustomTools } from "./custom-tools.ts"
import { hidingThoughts } from "./hidden-thoughts.ts"
import { ANSWER_TOO_DEEP } from "./deep-answers.ts"
import { linkedAddresses, withFetched } from "./linked-media.ts"
import { needingText } from "./needed-text.ts"
import { jsonText, unlessTooDeep } from "./nesting.ts"
import { createNotebook, unsupportedParam } from "./notes.ts"
import type { ChatRequest, Tool } from "./request.ts"
import { functionName as functionNameOf, searchToolOf, withSearchFunction } from "./search-function.ts"
import { createSearchRounds, type SearchRounds } from "./search-rounds.ts"

/** The only header of a client that means the same to every provider. */
const FORWARDED: readonly string[] = ["user-agent"]
const NO_ADDRESSES: readonly string[] = []

/** How a provider answers that cannot do both (W-117). */
export type TranslationOptions = {
  readonly answersOnly?: "stream" | "whole"
  /** The channel's model gets a function in place of a search, which the gateway answers (chat/search-rounds.ts). */
  readonly searching?: boolean
}

/**
 * Asks channels of one dialect on behalf of clients of another: requests and answers go through the typed request and events, which
 * belong to no dialect. A request is decoded once and encoded for each attempt from what was decoded (W-115).
 */
export function createTranslation(client: ClientCodec, upstream: UpstreamCodec, options: TranslationOptions = {}): UpstreamLane {
  const decoded = new WeakMap<Call, Result<ChatRequest, GatewayError>>()
  const decode = (call: Call): Result<ChatRequest, GatewayError> => {
    const known = decoded.get(call)
    if (known !== undefined) return known
    const read = readRequest(client, call)
    const request = read.ok && client.dropsThoughts === true ? ok(withRestoredThoughts(read.value)) : read
    decoded.set(call, request)
    return request
  }

  return {
    dialect: upstream.dialect,
    ...(options.searching === true && { searching: true }),
    forwardedHeaders: () => FORWARDED,
    ownHeaders: upstream.ownHeaders,
    readWords: upstream.readWords,
    linkedMedia(call, traits) {
      const { isBrought } = upstream
      const request = isBrought === undefined ? null : decode(call)
      return request?.ok === true && isBrought !== undefined ? linkedAddresses(request.value, (address, kind) => isBrought(address, kind, traits)) : NO_ADDRESSES
    },
    prepare(attempted) {
      const request = decode(attempted.call)
      if (!request.ok) return request
      const whole = attempted.media === undefined ? request.value : withFetched(request.value, attempted.media)
      return prepare(client, upstream, attempted, whole, options)
    },
  }
}

/** A client's request in no dialect's words. */
export const readRequest = (client: ClientCodec, call: Call): Result<ChatRequest, GatewayError> => unlessTooDeep(() => client.decodeRequest(call)) ?? REQUEST_TOO_DEEP

const REQUEST_TOO_DEEP = err<GatewayError>({ code: "invalid_request", message: "The request is nested too deeply to be translated for this model." })

function prepare(client: ClientCodec, upstream: UpstreamCodec, attempted: Attempted, request: ChatRequest, { answersOnly, searching = false }: TranslationOptions): Result<Prepared, GatewayError> {
  const { call, target, clampedOutputTokens } = attempted
  const optIns = (client.optInHeaders ?? []).filter((name) => attempted.headers[name] !== undefined)
  const notes = createNotebook(client.fieldNames, [...optIns, ...request.unknown])
  const streamed = answersOnly === undefined ? call.streamed : answersOnly === "stream"
  const targetModel: TargetModel = { providerId: target.providerId, model: target.upstreamModel, outputTokensMax: target.outputTokensMax, traits: target.traits, outputTokensCap: clampedOutputTokens }
  const customTools = upstream.takesCustomTools?.(targetModel) ? null : customToolNames(request)
  const search = searching ? searchToolOf(request) : null
  const functionName = search === null ? null : functionNameOf(search, request.tools)
  const taken = takenOf(request, { searches: target.searches, customTools, functionName }, notes)
  const refuse = (unsupported: Unsupported) => err<GatewayError>({ code: "unsupported_parameter", message: unsupported.message, param: unsupportedParam(unsupported, client.fieldNames) })
  if (search !== null && taken.generation.choices > 1) return refuse({ field: "choices", message: "Several answers at a time cannot search the web here. Ask for one." })
  const encode = (asked: ChatRequest) => unlessTooDeep(() => upstream.encodeRequest(asked, targetModel, { streamed, notes }))
  const encoded = encode(taken)
  if (encoded === null) return REQUEST_TOO_DEEP
  if (!encoded.ok) return refuse(encoded.error)
  const { body, headers = null, toolNames } = encoded.value
  const refused = target.drop.filter((name) => Object.hasOwn(body, name))
  const first = bytesOf(body, refused)
  if (first === null) return REQUEST_TOO_DEEP
  const decoding = decodingOf(attempted, taken, toolNames)
  const encoding = encodingOf(attempted, request)
  const shown = hidesThoughts(client, upstream, request) ? hidingThoughts(upstream) : upstream
  const restored = customTools === null ? shown : restoring(shown, customTools)
  // Who signs no thinking and still wants it with its calls gets it back from clients that keep nothing but proofs.
  const carried = client.dropsThoughts === true ? carryingThoughts(restored, { client: client.dialect, unsigned: client.dialect === "gm" && target.traits.cc?.thoughtsWithCalls === true }) : restored
  const answering = client.needsText === true ? needingText(carried) : carried
  const write = (asked: ChatRequest): Buffer | null => {
    const later = encode(asked)
    return later?.ok === true ? bytesOf(later.value.body, refused) : null
  }
  const rounds = search === null || functionName === null ? null : createSearchRounds({ upstream: answering, decoding, search, functionName, request: taken, streamed, live: streamed && call.streamed, write, firstBody: first, id: encoding.responseId })
  return ok({
    body: first,
    headers,
    streamed,
    dropped: [...notes.droppedPaths, ...refused],
    changed: notes.changes,
    readAnswer: (bytes) => unlessTooDeep(() => writeAnswer(client, rounds !== null ? rounds.answer() : streamed ? collectStream(answering, decoding, bytes) : answering.decodeAnswer(bytes, decoding), encoding)) ?? err({ words: ANSWER_TOO_DEEP }),
    openStream: () => createTranslatedStream(client, rounds ?? { openDecoder: (emit) => answering.openDecoder(decoding, emit) }, encoding),
    ...(rounds !== null && { rounds }),
  })
}

/** A body as it is sent, without what the channel refuses; null: it is nested too deeply to be written. */
function bytesOf(body: Readonly<Record<string, unknown>>, refused: readonly string[]): Buffer | null {
  const text = jsonText(refused.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => !refused.includes(name))))
  return text === null ? null : Buffer.from(text, "utf8")
}

type Taking = { readonly searches: boolean; readonly customTools: ReadonlySet<string> | null; readonly functionName: string | null }

/** What of a request this target is asked at all: no search that it has no price for, and functions where it has no custom tools or no search. */
function takenOf(request: ChatRequest, { searches, customTools, functionName }: Taking, notes: Notes): ChatRequest {
  const bridged = customTools === null ? request : withoutCustomTools(request, customTools)
  if (functionName !== null) {
    if (searchToolOf(request)?.location) notes.dropped("tools", "[].user_location")
    return withSearchFunction(bridged, functionName)
  }
  const isLeftOut = (tool: Tool) => !searches && tool.kind === "search" && tool.optional === true
  if (!bridged.tools.some(isLeftOut)) return bridged
  for (const tool of bridged.tools) if (isLeftOut(tool)) notes.dropped("tools", `.${tool.name}`)
  return { ...bridged, tools: bridged.tools.filter((tool) => !isLeftOut(tool)) }
}

type Answering = Pick<UpstreamCodec, "decodeAnswer" | "openDecoder">

/** Whoever signs its thinking is asked itself not to show it; of chat completions nobody knows that word. */
const hidesThoughts = (client: ClientCodec, upstream: UpstreamCodec, { reasoning }: ChatRequest): boolean => client.dialect === "am" && upstream.dialect === "cc" && reasoning?.shown === false

/** Reads answers in which functions stand for these custom tools. */
const restoring = (upstream: Answering, customTools: ReadonlySet<string>): Answering => ({
  decodeAnswer(body, context) {
    const answer = upstream.decodeAnswer(body, context)
    return answer.ok ? ok(withCustomCalls(answer.value, customTools)) : answer
  },
  openDecoder: (context, emit) => upstream.openDecoder(context, restoreCustomCalls(customTools, emit)),
})

function decodingOf({ requestId }: Attempted, request: ChatRequest, toolNames: ReadonlyMap<string, string>): DecodeContext {
  let calls = 0
  const id = bareId(requestId)
  return { request, toolName: (sent) => toolNames.get(sent) ?? sent, newCallId: () => `call_${id}_${calls++}` }
}

function encodingOf({ call, requestId, receivedAtMs, body }: Attempted, request: ChatRequest): EncodeContext {
  return {
    request,
    call,
    publicModel: call.model,
    responseId: bareId(requestId),
    createdAtSeconds: Math.floor(receivedAtMs / 1000),
    inputTokensEstimated: Math.max(1, Math.ceil(Math.min(body.length, call.size.textBytes) / BYTES_PER_TOKEN)),
  }
}

/** Without the prefix that says what it is: the dialects have their own. */
const bareId = (id: string): string => id.slice(id.indexOf("_") + 1)

/** Writes an answer whichever way the client asked for it, whichever way it came. */
function writeAnswer(client: ClientCodec, decoded: ReturnType<UpstreamCodec["decodeAnswer"]>, encoding: EncodeContext): Result<Answer, { readonly words: UpstreamWords | null }> {
  if (!decoded.ok) return decoded
  const broken = decoded.value.choices.find(({ finish }) => finish.reason === "incomplete")
  if (broken !== undefined) return err({ words: incompleteWords(broken.finish.word) })
  const answer = withUsage(decoded.value, encoding)
  const seen: Seen = {
    responseId: client.responseId(encoding.responseId),
    finish: decoded.value.choices[0]?.finish.word ?? null,
    usage: decoded.value.usage?.counts ?? null,
    outputTokensEstimated: answer.usage?.counts.output ?? 0,
  }
  if (encoding.call.streamed) return ok({ ...replay(client, answer, encoding), seen })
  return ok({ body: Buffer.from(JSON.stringify(client.encodeAnswer(answer, encoding)), "utf8"), seen })
}

function collectStream(upstream: Answering, decoding: DecodeContext, bytes: Buffer): Result<ChatAnswer, { readonly words: UpstreamWords | null }> {
  const collector = createCollector()
  const failure: { words: UpstreamWords | null }[] = []
  const decoder = upstream.openDecoder(decoding, (event) => {
    if (event.kind === "failed") failure.push({ words: event.words })
    collector.add(event)
  })
  decoder.push(bytes)
  decoder.end()
  const answer = collector.answer()
  const [failed] = failure
  if (failed !== undefined) return err(failed)
  return answer === null ? err({ words: null }) : ok(answer)
}

function replay(client: ClientCodec, answer: ChatAnswer, encoding: EncodeContext): Pick<Answer, "body" | "whole"> {
  const encoder = client.openEncoder(encoding)
  let text = ""
  for (const event of eventsOf(answer)) text += encoder.event(event)
  text += encoder.end()
  return { body: Buffer.from(text, "utf8"), whole: encoder.answer?.() ?? null }
}

/** What the client is told where the provider counted nothing (W-98); the books have their own estimate. */
function withUsage(answer: ChatAnswer, { inputTokensEstimated }: EncodeContext): ChatAnswer {
  return answer.usage === null ? { ...answer, usage: estimatedUsage(inputTokensEstimated, tokensOfBytes(textBytesOf(answer))) } : answer
}

const estimatedUsage = (input: number, output: number): ChatUsage => ({ counts: { input, output, estimated: true }, reasoningTokens: null })
const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

function textBytesOf({ choices }: ChatAnswer): number {
  let bytes = 0
  for (const { parts } of choices) {
    for (const part of parts) bytes += Buffer.byteLength(part.kind === "toolCall" ? part.name + part.arguments : "text" in part ? part.text : "")
  }
  return bytes
}

/** Finishes that are no answer: the provider could not write down what it wanted to (W-90). */
const INCOMPLETE: FinishReason = "incomplete"
const incompleteWords = (word: string): UpstreamWords => ({ message: `the answer could not be completed (${word})`, code: null, param: null })

/** Reads a stream of the channel's dialect on its way to a client of another. */
function createTranslatedStream(client: ClientCodec, upstream: Pick<SearchRounds, "openDecoder">, encoding: EncodeContext): StreamReader {
  const encoder = client.openEncoder(encoding)
  const openChoices = new Set<number>()
  const openBlocks = new Map<string, { readonly choice: number; readonly block: number }>()
  let state: StreamState = { kind: "open" }
  let out = ""
  let started = false
  let finish: string | null = null
  /** Choices that have finished; a prompt that is blocked has one answer, however many were asked for. */
  let finished = 0
  let filtered = false
  let usage: ChatUsage | null = null
  let deltas = 0
  let textBytes = 0

  const estimatedTokens = (): number => Math.max(deltas, tokensOfBytes(textBytes))
  /** The provider's count. Of an answer that broke off it may hold the prompt alone: then the output is ours (W-98, W-110). */
  const usageSeen = (): ChatUsage | null =>
    usage === null || usage.counts.output !== undefined || usage.counts.reasoning !== undefined ? usage : { ...usage, counts: { ...usage.counts, output: estimatedTokens(), estimated: true } }
  const fail = (words: UpstreamWords | null) => {
    state = { kind: "failed", words }
  }

  /** An end, said or by closing, makes an answer complete only where every choice has finished (W-104, W-141). */
  const conclude = () => {
    if (finish === null || openChoices.size > 0 || (finished < encoding.request.generation.choices && !filtered)) return fail(null)
    const counted = usageSeen()
    if (counted === null) out += encoder.event({ kind: "usage", usage: estimatedUsage(encoding.inputTokensEstimated, estimatedTokens()) })
    else if (counted !== usage) out += encoder.event({ kind: "usage", usage: counted })
    out += encoder.end()
    state = STREAM_OVER
  }

  const take = (event: ChatEvent): void => {
    if (state.kind !== "open") return
    switch (event.kind) {
      case "failed":
        return fail(event.words)
      case "end":
        return conclude()
      case "usage":
        usage = event.usage
        break
      case "finish":
        if (event.finish.reason === INCOMPLETE) return fail(incompleteWords(event.finish.word))
        finish ??= event.finish.word
        finished++
        filtered ||= event.finish.reason === "filtered"
        openChoices.delete(event.choice)
        started = true
        break
      case "open":
        openChoices.add(event.choice)
        openBlocks.set(`${event.choice} ${event.block}`, { choice: event.choice, block: event.block })
        started = true
        break
      case "close":
        openBlocks.delete(`${event.choice} ${event.block}`)
        break
      case "delta":
        deltas++
        textBytes += Buffer.byteLength(event.text)
        break
      case "start":
      case "signature":
      case "citation":
      case "logprobs":
        break
    }
    out += encoder.event(event)
  }

  const decoder = upstream.openDecoder(take)
  const written = (): string => {
    const text = out
    out = ""
    return text
  }
  const asBytes = (text: string): Buffer | string => (text === "" ? text : Buffer.from(text, "utf8"))

  return {
    push(chunk) {
      if (state.kind !== "open") return ""
      decoder.push(chunk)
      return asBytes(written())
    },
    end() {
      if (state.kind !== "open") return ""
      decoder.end()
      // The decoder may have said the end itself.
      if ((state as StreamState).kind === "open") conclude()
      return Buffer.from(written(), "utf8").toString("latin1")
    },
    get state() {
      return state
    },
    get started() {
      return started
    },
    get seen(): Seen {
      return { responseId: client.responseId(encoding.responseId), finish, usage: usageSeen()?.counts ?? null, outputTokensEstimated: estimatedTokens(), ...(encoder.events !== undefined && { events: encoder.events }) }
    },
    get outputTokensEstimated() {
      return estimatedTokens()
    },
    cutShort({ limit, usage: used }) {
      if (state.kind !== "open" || (finish !== null && openChoices.size === 0)) return null
      const ended = unlessTooDeep(() => {
        for (const block of [...openBlocks.values()]) take({ kind: "close", ...block })
        const length = { reason: "length", word: "length", stopSequence: null, limit } as const
        for (const choice of [...openChoices]) take({ kind: "finish", choice, finish: length })
        // Choices that had not begun have no end.
        finished = encoding.request.generation.choices
        take({ kind: "usage", usage: { counts: used, reasoningTokens: null } })
        conclude()
        return true
      })
      if (ended === null) fail(ANSWER_TOO_DEEP)
      return Buffer.from(written(), "utf8").toString("latin1")
    },
    answer: () => encoder.answer?.() ?? null,
  }
}
