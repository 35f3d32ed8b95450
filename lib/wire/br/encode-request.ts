import { err, ok, type Result } from "#lib/kernel/result.ts"
import { createCallIds } from "../am/call-ids.ts"
import { encodeFormat } from "../am/output-format.ts"
import type { EncodedRequest, Notes, TargetModel, Unsupported } from "../chat/codec.ts"
import { hashedUser } from "../chat/end-user.ts"
import type { ChatRequest, Generation, OutputFormat } from "../chat/request.ts"
import { createToolNames } from "../chat/tool-names.ts"
import { type Block, createDocumentNames } from "./encode-parts.ts"
import { encodeTools } from "./encode-tools.ts"
import { encodeTurns, type Message, trimPrefill } from "./encode-turns.ts"
import { makerOf, modelFields, samplesFixed } from "./model-fields.ts"

/** API reference, ToolSpecification. */
const TOOL_NAME_CHARACTERS_MAX = 64
/** User guide, prompt caching: the last ones reach furthest, so those stay (W-123). */
const CACHE_POINTS_MAX = 4
/** What thinking is fitted into where the client gave no bound and nothing is known of the model. */
const OUTPUT_TOKENS_ASSUMED = 8_192

type Options = { readonly streamed: boolean; readonly notes: Notes }

/** A request of Converse (Bedrock API reference). The model and whether it streams stand in the address. */
export function encodeBrRequest(request: ChatRequest, target: TargetModel, { notes }: Options): Result<EncodedRequest, Unsupported> {
  const { generation } = request
  const maker = makerOf(target.model)
  const refusals: Unsupported[] = impossibleOf(generation)
  const names = createToolNames(TOOL_NAME_CHARACTERS_MAX)
  const context = { ids: createCallIds(), names, documents: createDocumentNames(), maker, notes, refuse: (unsupported: Unsupported) => void refusals.push(unsupported) }
  const { config, forced, instruction } = encodeTools(request, context)
  const turns = encodeTurns(request.turns, context)
  const prefill = turns.messages.at(-1)?.role === "assistant"
  if (prefill && !target.traits.prefill && maker !== "nova") refusals.push(NO_PREFILL)
  const [refusal] = refusals
  if (refusal !== undefined) return err(refusal)

  const maxTokens = outputBound(generation, target, notes)
  const format = encodeFormat(generation.format, maker === "claude" && target.traits.amOutputFormat === true, notes)
  const said = [instruction, format.instruction].flatMap((text): readonly Block[] => (text === null ? [] : [{ text }]))
  const hindered = { always: forced || prefill, withBudget: callsWithoutThinking(turns.messages) }
  const { fields, effort } = modelFields(generation, request.reasoning, { maker, target, maxTokens: maxTokens ?? target.outputTokensMax ?? OUTPUT_TOKENS_ASSUMED, hindered, notes })
  const { system, tools, messages } = withTakenPoints({ tools: config?.tools ?? [], system: [...turns.system, ...said], messages: prefill ? trimPrefill(turns.messages) : turns.messages })
  const inferenceConfig = inferenceOf(generation, { maxTokens, fixed: samplesFixed(fields, { target }), target, notes })
  const outputConfig = { ...(format.native !== null && { textFormat: textFormat(generation.format, format.native) }), ...(effort !== null && { effort }) }
  dropForeign(request, notes)
  return ok({
    body: {
      messages,
      ...(system.length > 0 && { system }),
      ...(config !== null && { toolConfig: { ...config, tools } }),
      ...(Object.keys(inferenceConfig).length > 0 && { inferenceConfig }),
      ...(Object.keys(fields).length > 0 && { additionalModelRequestFields: fields }),
      ...(Object.keys(outputConfig).length > 0 && { outputConfig }),
      // Which of them was met stands in the model's own answer alone (W-89).
      ...(maker === "claude" && inferenceConfig["stopSequences"] !== undefined && { additionalModelResponseFieldPaths: ["/stop_sequence"] }),
      ...(isTier(request.serviceTier) && { serviceTier: { type: request.serviceTier } }),
      ...(request.user !== null && { requestMetadata: { user: hashedUser(request.user) } }),
    },
    toolNames: names.aliases,
  })
}

/** A schema for the answer (API reference, OutputFormat; user guide, structured outputs): it stands in it as text. */
function textFormat(format: OutputFormat | null, { schema }: Readonly<Record<string, unknown>>): object {
  const { name, description } = format?.kind === "schema" ? format : { name: null, description: null }
  return { type: "json_schema", structure: { jsonSchema: { schema: JSON.stringify(schema), ...(name !== null && { name }), ...(description !== null && { description }) } } }
}

const NO_PREFILL: Unsupported = {
  field: "messages",
  message: "messages: this model does not go on with an assistant message that a request ends with. End with a user message.",
}

/** What must not be left out, since the answer would be another one (W-73). */
function impossibleOf({ choices, modalities }: Generation): Unsupported[] {
  const other = modalities.find((modality) => modality !== "text")
  return [
    ...(choices > 1 ? [{ field: "choices", message: "Models on Bedrock give one answer per call. Ask once for each answer." } as const] : []),
    ...(other === undefined ? [] : [{ field: "modalities", message: `Bedrock's Converse answers in text alone, not in ${other.slice(0, 40)}.` } as const]),
  ]
}

/** W-68, W-69, and no more than the hold buys. Null: the client gave no bound, and the model's own stands (API reference, InferenceConfiguration). */
function outputBound({ outputTokensMax: asked }: Generation, { outputTokensMax: limit, outputTokensCap: cap }: TargetModel, notes: Notes): number | null {
  if (asked === null && cap === null) return null
  const wanted = asked ?? limit ?? cap ?? OUTPUT_TOKENS_ASSUMED
  const bound = Math.min(wanted, limit ?? wanted, cap ?? wanted)
  if (bound < wanted || asked === null) notes.changed("outputTokensMax", String(bound))
  return bound
}

/** With a budget to think, the assistant's last turn must begin with thinking where it called a tool (extended thinking guide, tool use). */
function callsWithoutThinking(messages: readonly Message[]): boolean {
  const last = messages.findLast(({ role }) => role === "assistant")
  return last !== undefined && last.content.some((block) => block["toolUse"] !== undefined) && last.content[0]?.["reasoningContent"] === undefined
}

type Inference = { readonly maxTokens: number | null; readonly fixed: boolean; readonly target: TargetModel; readonly notes: Notes }

/** W-50, W-71: temperature is taken up to 1 everywhere (InferenceConfiguration); Claude takes it or `topP`, and neither while it thinks. */
function inferenceOf({ temperature, topP, stop }: Generation, { maxTokens, fixed, target, notes }: Inference): Readonly<Record<string, unknown>> {
  const heat = temperature === null || fixed ? null : Math.min(1, Math.max(0, temperature))
  const share = fixed || (heat !== null && target.traits.amThinking !== null) ? null : topP
  if (heat === null && temperature !== null && temperature !== 1) notes.dropped("temperature")
  if (heat !== null && heat !== temperature) notes.changed("temperature", String(heat))
  if (share === null && topP !== null) notes.dropped("topP")
  const words = stop.filter((word) => word.trim() !== "")
  if (words.length < stop.length) notes.dropped("stop")
  return {
    ...(maxTokens !== null && { maxTokens }),
    ...(heat !== null && { temperature: heat }),
    ...(share !== null && { topP: share }),
    ...(words.length > 0 && { stopSequences: words }),
  }
}

/** Bedrock's tiers (user guide, service tiers). A tier costs money, so only one that has a price comes this far (lib/catalog/guarded-fields.ts). */
const isTier = (tier: string | null): tier is "flex" | "priority" => tier === "flex" || tier === "priority"

type Prompt = { readonly tools: readonly Block[]; readonly system: readonly Block[]; readonly messages: readonly Message[] }

/** The same without the cache points that are more than Bedrock takes. */
function withTakenPoints({ tools, system, messages }: Prompt): Prompt {
  const isPoint = (block: Block) => block["cachePoint"] !== undefined
  const points = [...tools, ...system, ...messages.flatMap(({ content }) => content)].filter(isPoint)
  if (points.length <= CACHE_POINTS_MAX) return { tools, system, messages }
  const extra = new Set(points.slice(0, -CACHE_POINTS_MAX))
  const taken = (blocks: readonly Block[]) => blocks.filter((block) => !extra.has(block))
  return { tools: taken(tools), system: taken(system), messages: messages.map(({ role, content }) => ({ role, content: taken(content) })) }
}

/** What Converse has no word for (W-74, W-75). */
function dropForeign({ generation, serviceTier }: ChatRequest, notes: Notes): void {
  for (const field of ["seed", "presencePenalty", "frequencyPenalty", "logitBias", "logprobs", "verbosity"] as const) {
    const value = generation[field]
    if (value !== null && value !== 0) notes.dropped(field)
  }
  if (serviceTier !== null && serviceTier !== "auto" && serviceTier !== "default" && !isTier(serviceTier)) notes.dropped("serviceTier")
}
