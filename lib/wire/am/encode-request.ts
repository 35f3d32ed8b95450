import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { EncodedRequest, Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import { hashedUser } from "../chat/end-user.ts"
import type { ChatRequest, Generation } from "../chat/request.ts"
import { createToolNames } from "../chat/tool-names.ts"
import { createCallIds } from "./call-ids.ts"
import { createCacheMarks, type PartsContext } from "./encode-parts.ts"
import { encodeTools } from "./encode-tools.ts"
import { type EncodedMessage, encodeTurns, trimPrefill } from "./encode-turns.ts"
import { encodeFormat } from "./output-format.ts"
import { encodeThinking } from "./thinking.ts"

/** Anthropic takes 128 characters, others with its dialect 64 as OpenAI does. */
const TOOL_NAME_CHARACTERS_MAX = 64
/** `max_tokens` must be given (W-68): of a model of which nothing is known, what every model writes. */
const OUTPUT_TOKENS_DEFAULT = 8_192
/** With thinking, `top_p` is taken from here to 1 (extended thinking guide, feature compatibility). */
const TOP_P_WITH_THINKING_MIN = 0.95

type Options = { readonly streamed: boolean; readonly notes: Notes }

/** A request as Anthropic messages (https://docs.anthropic.com/en/api/messages). */
export function encodeAmRequest(request: ChatRequest, target: TargetModel, { streamed, notes }: Options): Result<EncodedRequest, Unsupported> {
  const { generation } = request
  const impossible = impossibleOf(generation)
  if (impossible !== null) return err(impossible)
  const refusals: Unsupported[] = []
  const names = createToolNames(TOOL_NAME_CHARACTERS_MAX)
  const marks = createCacheMarks()
  const context: PartsContext = { ids: createCallIds(), names, marks, notes, refuse: (unsupported) => void refusals.push(unsupported) }
  const { tools, toolChoice, forced } = encodeTools(request, names, marks)
  const { system, messages } = encodeTurns(request.turns, context)
  const prefill = messages.at(-1)?.role === "assistant"
  if (prefill && !target.traits.prefill) refusals.push(NO_PREFILL)
  const [refusal] = refusals
  if (refusal !== undefined) return err(refusal)
  marks.keepTaken()

  const maxTokens = outputBound(generation, target, notes)
  const { thinking, effort } = encodeThinking(request.reasoning, { target, maxTokens, hindered: { always: forced || prefill, withBudget: callsWithoutThinking(messages) }, notes })
  const { native, instruction } = encodeFormat(generation.format, target.traits.amOutputFormat === true, notes)
  const wholeSystem = instruction === null ? system : [...system, { type: "text", text: instruction }]
  dropForeign(request, notes)
  return ok({
    body: {
      model: target.model,
      max_tokens: maxTokens,
      ...(wholeSystem.length > 0 && { system: wholeSystem }),
      messages: prefill ? trimPrefill(messages) : messages,
      ...(tools.length > 0 && { tools }),
      ...(toolChoice !== null && { tool_choice: toolChoice }),
      ...(thinking !== null && { thinking }),
      ...((effort !== null || native !== null) && { output_config: { ...(effort !== null && { effort }), ...(native !== null && { format: native }) } }),
      ...sampling(generation, { thinks: thinking !== null && thinking["type"] !== "disabled", target, notes }),
      ...stopSequences(generation, notes),
      ...(request.user !== null && { metadata: { user_id: hashedUser(request.user) } }),
      ...(streamed && { stream: true }),
    },
    toolNames: names.aliases,
  })
}

const NO_PREFILL: Unsupported = {
  field: "messages",
  message: "messages: this model does not go on with an assistant message that a request ends with. End with a user message.",
}

/** What must not be left out, since the answer would be another one (W-73). */
function impossibleOf({ choices, modalities }: Generation): Unsupported | null {
  if (choices > 1) return { field: "choices", message: "Anthropic's models give one answer per call. Ask once for each answer." }
  const other = modalities.find((modality) => modality !== "text")
  return other === undefined ? null : { field: "modalities", message: `Anthropic's models answer in text alone, not in ${other.slice(0, 40)}.` }
}

/** W-68, W-69, and no more than the hold buys. */
function outputBound({ outputTokensMax: asked }: Generation, { outputTokensMax: limit, outputTokensCap: cap }: TargetModel, notes: Notes): number {
  const wanted = asked ?? limit ?? OUTPUT_TOKENS_DEFAULT
  const bound = Math.min(wanted, limit ?? wanted, cap ?? wanted)
  if (bound < wanted) notes.changed("outputTokensMax", String(bound))
  return bound
}

/** With a budget to think, the assistant's last turn must begin with thinking where it called a tool (extended thinking guide, tool use). */
function callsWithoutThinking(messages: readonly EncodedMessage[]): boolean {
  const last = messages.findLast(({ role }) => role === "assistant")
  return last !== undefined && last.content.some(({ type }) => type === "tool_use") && !/thinking$/.test(String(last.content[0]?.["type"]))
}

type Sampling = { readonly thinks: boolean; readonly target: TargetModel; readonly notes: Notes }

/** W-50, W-71. The newest models take no sampling at all (migration guide, Opus 4.7), and from 4.1 on not both of temperature and top_p. */
function sampling({ temperature, topP, topK }: Generation, { thinks, target, notes }: Sampling): Readonly<Record<string, number>> {
  const fixed = target.traits.amThinking === "adaptive"
  const keep = <T>(field: "temperature" | "topP" | "topK", value: T | null, taken: boolean): T | null => {
    if (value === null || taken) return value
    notes.dropped(field)
    return null
  }
  const heat = keep("temperature", temperature, !fixed && (!thinks || temperature === 1))
  const share = keep("topP", topP, !fixed && (thinks ? (topP ?? 0) >= TOP_P_WITH_THINKING_MIN : temperature === null || target.traits.amThinking === null))
  const count = keep("topK", topK, !fixed && !thinks)
  if (heat !== null && heat > 1) notes.changed("temperature", "1")
  return { ...(heat !== null && { temperature: Math.min(1, Math.max(0, heat)) }), ...(share !== null && { top_p: share }), ...(count !== null && { top_k: count }) }
}

/** Stop words of nothing but space are refused (messages reference, stop_sequences). */
function stopSequences({ stop }: Generation, notes: Notes): Readonly<Record<string, unknown>> {
  const taken = stop.filter((word) => word.trim() !== "")
  if (taken.length < stop.length) notes.dropped("stop")
  return taken.length === 0 ? {} : { stop_sequences: taken }
}

/** What Anthropic has no word for (W-74, W-75). */
function dropForeign({ generation, serviceTier }: ChatRequest, notes: Notes): void {
  for (const field of ["seed", "presencePenalty", "frequencyPenalty", "logitBias", "logprobs", "verbosity"] as const) {
    const value = generation[field]
    if (value !== null && value !== 0) notes.dropped(field)
  }
  if (serviceTier !== null && serviceTier !== "auto" && serviceTier !== "default") notes.dropped("serviceTier")
}
