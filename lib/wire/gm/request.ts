import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Addressed, Call, CallPatch } from "../call.ts"
import { asciiJson, jsonMembers, patchJsonObject } from "../json-members.ts"
import type { ClientHeaders } from "../raw-lane.ts"
import { type Fields, invalid, isAbsent, isCount, isRecord, parseObject } from "../request-fields.ts"
import { member, recordOf, snakeOf, spellingOf } from "./fields.ts"
import { withoutForeignProofs } from "./foreign-proofs.ts"
import { gmSize } from "./size.ts"

const MODEL_CHARACTERS_MAX = 256
/** Gemini API reference, GenerationConfig.candidateCount. */
const CANDIDATES_MAX = 8

/** Fields that the gateway reads or writes: of two spellings of one field nobody knows which one counts. */
const owned = ["systemInstruction", "generationConfig", "toolConfig", "generateContentRequest"] as const
const ownedOfGeneration = ["maxOutputTokens", "candidateCount", "thinkingConfig"] as const

/**
 * Reads a generateContent request (https://ai.google.dev/api/generate-content): what the pipeline relies on is checked, the rest is the
 * provider's to judge. The model and whether to stream are in its address. A countTokens request may wrap the request to be counted.
 */
export function readGmCall(body: Buffer, _headers: ClientHeaders, addressed?: Addressed): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const wrapped = member(parsed.value, "generateContentRequest")
  const fields = isRecord(wrapped) ? wrapped : parsed.value
  const model = addressed?.model ?? ""
  if (model === "") return invalid("model", "model: a model's name is needed in the path; GET /models lists those that this key may use.")
  if (model.length > MODEL_CHARACTERS_MAX) return invalid("model", `model: a name has at most ${MODEL_CHARACTERS_MAX} characters.`)
  const twice = spelledTwice(parsed.value, owned) ?? spelledTwice(fields, owned) ?? spelledTwice(recordOf(member(fields, "generationConfig")), ownedOfGeneration)
  if (twice !== null) return invalid(twice, `${twice}: the field stands here in two spellings; use one.`)
  const { contents } = fields
  if (!Array.isArray(contents) || contents.length === 0) return invalid("contents", "contents: a list with at least one content is needed.")
  const config = member(fields, "generationConfig")
  if (!isAbsent(config) && !isRecord(config)) return invalid("generationConfig", "generationConfig: must be an object.")
  const bound = member(recordOf(config), "maxOutputTokens")
  const candidates = member(recordOf(config), "candidateCount")
  // Zero is the default of every number in Google's definitions: it says nothing.
  if (!isAbsent(bound) && bound !== 0 && !isCount(bound)) return invalid("generationConfig.maxOutputTokens", "generationConfig.maxOutputTokens: must be a whole number of at least 1.")
  if (!isAbsent(candidates) && candidates !== 0 && !(isCount(candidates) && candidates <= CANDIDATES_MAX)) {
    return invalid("generationConfig.candidateCount", `generationConfig.candidateCount: must be a whole number from 1 to ${CANDIDATES_MAX}.`)
  }
  return ok({
    model,
    streamed: addressed?.streamed ?? false,
    ...(addressed?.streamForm !== undefined && { streamForm: addressed.streamForm }),
    outputTokensMax: isCount(bound) ? bound : null,
    choices: isCount(candidates) ? candidates : 1,
    size: gmSize(body.length, fields),
    fields,
    session: null,
  })
}

const spelledTwice = (fields: Fields, names: readonly string[]): string | null => names.find((name) => name in fields && snakeOf(name) !== name && snakeOf(name) in fields) ?? null

/** The body for one attempt: the model goes into its address, so a name that stands in the body would contradict it. */
export function encodeGmCall(body: Buffer, call: Call, patch: CallPatch): Buffer {
  const changes = new Map<string, string | null>([["model", null]])
  const text = ownText(body.toString("latin1"))
  const config = spellingOf(call.fields, "generationConfig")
  const given = call.fields[config]
  if (isRecord(given) || patch.outputTokensMax !== null) changes.set(config, generationConfig(text, config, recordOf(given), patch))
  const contents = withoutForeignProofs(text, call.fields, patch.traits?.gmThinking?.kind === "level")
  if (contents !== null) changes.set("contents", contents)
  for (const name of patch.drop) if (name in call.fields) changes.set(name, null)
  // Even an unchanged body is written anew: of a member that stands twice, only the one that was checked may arrive.
  return Buffer.from(patchJsonObject(text, changes), "latin1")
}

/** The request itself, where it is wrapped to be counted. */
function ownText(text: string): string {
  const wrapped = jsonMembers(text).findLast(({ key }) => key === "generateContentRequest" || key === "generate_content_request")
  const inner = wrapped === undefined ? "" : text.slice(wrapped.valueStart, wrapped.valueEnd)
  return inner.startsWith("{") ? inner : text
}

function generationConfig(text: string, name: string, given: Fields, { outputTokensMax }: CallPatch): string {
  const at = jsonMembers(text).findLast(({ key }) => key === name)
  const own = at === undefined ? "{}" : text.slice(at.valueStart, at.valueEnd)
  const changes = new Map<string, string | null>()
  if (outputTokensMax !== null) {
    changes.set(spellingOf(given, "maxOutputTokens"), String(outputTokensMax.tokens))
    const thinking = clampedThinking(given, outputTokensMax.tokens)
    if (thinking !== null) changes.set(spellingOf(given, "thinkingConfig"), asciiJson(thinking))
  }
  return patchJsonObject(own.startsWith("{") ? own : "{}", changes)
}

/** What a clamped bound on output changes, for the header that says so. */
export function gmClampWords({ fields }: Call, tokens: number): string {
  const thinking = clampedThinking(recordOf(member(fields, "generationConfig")), tokens)
  const words = `generationConfig.maxOutputTokens=${tokens}`
  return thinking === null ? words : `${words},generationConfig.thinkingConfig.thinkingBudget=${String(member(thinking, "thinkingBudget"))}`
}

/** Thinking counts toward the bound on output: a budget that leaves nothing for the answer is halved (thinking guide). Null: it stands. */
function clampedThinking(config: Fields, tokens: number): Fields | null {
  const thinking = member(config, "thinkingConfig")
  if (!isRecord(thinking)) return null
  const budget = member(thinking, "thinkingBudget")
  return isCount(budget) && budget >= tokens ? { ...thinking, [spellingOf(thinking, "thinkingBudget")]: Math.floor(tokens / 2) } : null
}
