import fc from "fast-check"
import type { Dialect } from "../dialect.ts"
import type { Media, Part, Signature } from "../chat/part.ts"
import type { ChatRequest, Generation, OutputFormat, Reasoning, ToolChoice, ToolDefinition, Turn } from "../chat/request.ts"

/** What a dialect has words for, of what requests are made of. */
export type Sayable = {
  /** Whose proofs stand beside thinking; `unsigned`: thinking has none. Null: no thinking goes back. */
  readonly thinking: Dialect | "unsigned" | null
  /** One text can follow another in a turn. */
  readonly adjacentTexts: boolean
  readonly urls: boolean
  /** How closely a picture is looked at, where the dialect always says so. */
  readonly detail?: string
  readonly documents: boolean
  readonly cache: readonly ("5m" | "1h" | null)[]
  /** Results carry pictures. */
  readonly picturesInResults: boolean
  /** Results name their tool. */
  readonly namedResults: boolean
  readonly failedResults: boolean
  readonly choices: readonly ToolChoice["kind"][]
  readonly parallelTools: readonly boolean[]
  readonly strictTools: readonly (boolean | null)[]
  readonly formats: readonly (OutputFormat | null)[]
  readonly reasonings: readonly (Reasoning | null)[]
  readonly generation: readonly ("temperature" | "topK" | "seed" | "stop")[]
}

const word = fc.stringMatching(/^[a-z]{1,8}$/)
const words = fc.oneof(word, fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).map((text) => `a${text}z`))
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64"))
const input = fc.dictionary(word, fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 }).map((value) => JSON.stringify(value))

const SILENT: Generation = { outputTokensMax: 4_000, choices: 1, stop: [], temperature: null, topP: null, topK: null, seed: null, presencePenalty: null, frequencyPenalty: null, logitBias: null, logprobs: null, format: null, verbosity: null, modalities: [] }
const schema = { type: "object", properties: { city: { type: "string" }, days: { type: "array", items: { type: "integer" } } }, required: ["city"], additionalProperties: false }

const proofOf = (origin: Dialect | "unsigned", data: string): { readonly signature?: Signature } => (origin === "unsigned" ? {} : { signature: { origin, data } })

/**
 * Requests of everything that a dialect can say, in the order and the form in which it says it: what is written in it and read again is the same.
 * Every tool that is called is offered; every call has its result behind it.
 */
export function sayableRequests(can: Sayable): fc.Arbitrary<ChatRequest> {
  const marked = <P extends object>(parts: fc.Arbitrary<P>): fc.Arbitrary<P> =>
    can.cache.length === 0 ? parts : fc.tuple(parts, fc.option(fc.constantFrom(...can.cache), { nil: undefined, freq: 6 })).map(([part, ttl]) => (ttl === undefined ? part : { ...part, cache: { ttl } }))
  const text = words.map((said): Part & { readonly kind: "text" } => ({ kind: "text", text: said }))
  const media = fc.oneof(base64.map((data): Media => ({ kind: "base64", mediaType: "image/png", data })), ...(can.urls ? [word.map((path): Media => ({ kind: "url", url: `https://example.com/${path}.png`, mediaType: null }))] : []))
  const image = media.map((one): Part & { readonly kind: "image" } => ({ kind: "image", media: one, ...(can.detail !== undefined && { detail: can.detail }) }))
  const document = fc.tuple(base64, fc.uuid()).map(([data, name]): Part => ({ kind: "document", media: { kind: "base64", mediaType: "application/pdf", data }, name }))
  const asked = fc.tuple(marked(text), fc.array(fc.oneof(marked(text), image, ...(can.documents ? [document] : [])), { maxLength: 2 })).map(([first, rest]): Turn => ({ role: "user", parts: [first, ...rest].filter(({ kind }, at, all) => can.adjacentTexts || kind !== "text" || all[at - 1]?.kind !== "text") }))
  const proof = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/).map((data) => `${data}${"=".repeat((4 - (data.length % 4)) % 4)}`)
  const thought = fc.tuple(words, proof).map(([said, data]): Part => ({ kind: "reasoning", text: said, ...proofOf(can.thinking ?? "unsigned", data) }))
  const thoughts = can.thinking === null ? fc.constant([]) : fc.array(thought, { maxLength: 1 })
  const content = fc.tuple(text, fc.array(image, { maxLength: can.picturesInResults ? 1 : 0 }))
  const outcome = fc.record({ input, content, failed: can.failedResults ? fc.boolean() : fc.constant(false) })
  const round = fc.record({ question: asked, thinking: thoughts, said: fc.option(text, { nil: null }), outcomes: fc.array(outcome, { maxLength: 3 }), end: words })
  const tool = fc.record({ name: word.map((name) => `tool_${name}`), description: fc.option(words, { nil: null }), strict: fc.constantFrom(...can.strictTools) }).map((one): ToolDefinition => ({ kind: "function", parameters: schema, ...one }))
  const tools = fc.uniqueArray(marked(tool), { minLength: 1, maxLength: 3, selector: ({ name }) => name })

  return fc
    .record({
      system: fc.option(marked(text), { nil: null }),
      rounds: fc.array(round, { maxLength: 3 }),
      last: asked,
      tools,
      choice: fc.option(fc.constantFrom(...can.choices), { nil: null }),
      parallel: can.parallelTools.length === 0 ? fc.constant(null) : fc.option(fc.constantFrom(...can.parallelTools), { nil: null }),
      format: fc.constantFrom(null, ...can.formats),
      reasoning: fc.constantFrom(null, ...can.reasonings),
      temperature: fc.constantFrom(0, 0.5, 1),
      topK: fc.integer({ min: 1, max: 99 }),
      seed: fc.nat({ max: 999 }),
      stop: fc.uniqueArray(word, { maxLength: 3 }),
    })
    .map(({ system, rounds, last, tools: offered, choice, parallel, format, reasoning, ...sampling }): ChatRequest => {
      const turns: Turn[] = system === null ? [] : [{ role: "system", parts: [system] }]
      for (const [at, one] of rounds.entries()) turns.push(...turnsOf(one, at, offered, can))
      const toolChoice: ToolChoice | null = choice === null ? null : choice === "tool" ? { kind: "tool", name: offered[0]!.name } : { kind: choice }
      // A model that thinks samples by itself, and cannot be made to call a tool.
      const thinks = reasoning !== null && toolChoice?.kind !== "any" && toolChoice?.kind !== "tool"
      const sampled = thinks ? {} : Object.fromEntries(can.generation.flatMap((name) => (name === "stop" ? [] : [[name, sampling[name]]])))
      return {
        turns: [...turns, last],
        tools: offered,
        toolChoice: parallel !== null && toolChoice === null ? { kind: "auto" } : toolChoice,
        parallelTools: toolChoice?.kind === "none" ? null : parallel,
        generation: { ...SILENT, ...sampled, format, ...(can.generation.includes("stop") && { stop: sampling.stop }) },
        reasoning: thinks ? reasoning : null,
        user: null,
        serviceTier: null,
        unknown: [],
      }
    })
}

type Round = {
  readonly question: Turn
  readonly thinking: readonly Part[]
  readonly said: Part | null
  readonly outcomes: readonly { readonly input: string; readonly content: readonly [Part & { readonly kind: "text" }, readonly (Part & { readonly kind: "image" })[]]; readonly failed: boolean }[]
  readonly end: string
}

function turnsOf({ question, thinking, said, outcomes, end }: Round, at: number, tools: readonly ToolDefinition[], { namedResults }: Sayable): readonly Turn[] {
  const ending: Turn = { role: "assistant", parts: [{ kind: "text", text: end }] }
  if (outcomes.length === 0) return [question, { role: "assistant", parts: [...thinking, said ?? { kind: "text", text: end }] }]
  const made = outcomes.map(({ input: args }, index) => ({ kind: "toolCall", id: `call_${at}_${index}`, name: tools[index % tools.length]!.name, arguments: args }) as const)
  const results = outcomes.map(({ content: [first, more], failed }, index): Part => ({ kind: "toolResult", callId: made[index]!.id, name: namedResults ? made[index]!.name : null, content: [first, ...more], failed }))
  return [question, { role: "assistant", parts: [...thinking, ...(said === null ? [] : [said]), ...made] }, { role: "user", parts: results }, ending]
}
