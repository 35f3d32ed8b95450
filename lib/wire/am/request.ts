import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call, CallPatch } from "../call.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"
import type { ClientHeaders } from "../raw-lane.ts"
import { type Fields, invalid, isAbsent, isCount, isRecord, parseObject, readCommonFields } from "../request-fields.ts"
import { sessionOf } from "./session.ts"
import { amSize } from "./size.ts"
import { withoutFieldsOf, withoutToolFields } from "./inner-fields.ts"

/** The least thinking that Anthropic takes (messages reference, thinking.budget_tokens). */
const THINKING_TOKENS_MIN = 1024
export const OUTPUT_FIELD = "max_tokens"

/**
 * Reads a messages request (https://docs.anthropic.com/en/api/messages): what the pipeline relies on is checked, the rest, an absent
 * `max_tokens` among it, is the provider's to judge.
 */
export function readAmCall(body: Buffer, headers: ClientHeaders): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const common = readCommonFields(fields)
  if (!common.ok) return common
  const { thinking } = fields
  const bound = fields[OUTPUT_FIELD]
  // Zero only warms the prompt's cache (messages reference, max_tokens).
  if (!isAbsent(bound) && bound !== 0 && !isCount(bound)) return invalid(OUTPUT_FIELD, "max_tokens: must be a whole number.")
  if (!isAbsent(thinking) && !isRecord(thinking)) return invalid("thinking", "thinking: must be an object.")
  return ok({
    model: common.value.model,
    streamed: common.value.streamed,
    outputTokensMax: outputBound(bound, thinking),
    choices: 1,
    size: amSize(body.length, fields),
    fields,
    session: sessionOf(fields, headers),
  })
}

/** The body for one attempt. */
export function encodeAmCall(body: Buffer, call: Call, patch: CallPatch): Buffer {
  const changes = new Map<string, string | null>()
  // The client may have asked by another name than the model's own (W-129).
  if (patch.upstreamModel !== call.fields["model"]) changes.set("model", asciiJson(patch.upstreamModel))
  if (patch.outputTokensMax !== null) {
    const { maxTokens, thinking } = clampedOutput(call, patch.outputTokensMax.tokens)
    changes.set(OUTPUT_FIELD, String(maxTokens))
    if (thinking !== null) changes.set("thinking", asciiJson(thinking))
  }
  for (const path of patch.drop) if (path in call.fields) changes.set(path, null)
  // Even an unchanged body is written anew: of a member that stands twice, only the one that was checked may arrive.
  return Buffer.from(patchJsonObject(withoutInner(body.toString("latin1"), patch.drop), changes), "latin1")
}

/** How a field of every tool, and one of the output's, is written among the fields that a provider does not take. */
const OF_TOOLS = "tools[]."
const OF_OUTPUT = "output_config."

function withoutInner(text: string, drop: readonly string[]): string {
  const below = (place: string) => drop.flatMap((path) => (path.startsWith(place) ? [path.slice(place.length)] : []))
  const ofTools = below(OF_TOOLS)
  const ofOutput = below(OF_OUTPUT)
  const rest = ofTools.length === 0 ? text : withoutToolFields(text, ofTools)
  return ofOutput.length === 0 ? rest : withoutFieldsOf(rest, OF_OUTPUT.slice(0, -1), ofOutput)
}

/** What a clamped bound on output changes, for the header that says so. */
export function amClampWords(call: Call, tokens: number): string {
  const { maxTokens, thinking } = clampedOutput(call, tokens)
  const words = `${OUTPUT_FIELD}=${maxTokens}`
  if (thinking === null) return words
  return `${words},${isCount(thinking["budget_tokens"]) ? `thinking.budget_tokens=${thinking["budget_tokens"]}` : "thinking.type=disabled"}`
}

/**
 * The most tokens that one answer brings. Thinking counts toward `max_tokens`; only interleaved thinking takes a budget that is not
 * below it, and then the budget is beside it (extended thinking guide, interleaved thinking).
 */
function outputBound(bound: unknown, thinking: unknown): number | null {
  if (typeof bound !== "number") return null
  const budget = budgetOf(thinking)
  return budget !== null && budget >= bound ? bound + budget : bound
}

/** `max_tokens` within what the hold buys, never above the client's own; `thinking` null: it stands as the client sent it. */
function clampedOutput({ fields }: Call, tokens: number): { readonly maxTokens: number; readonly thinking: Fields | null } {
  const given = fields[OUTPUT_FIELD]
  const maxTokens = typeof given === "number" ? Math.min(given, tokens) : tokens
  const { thinking } = fields
  const budget = budgetOf(thinking)
  if (budget === null || budget < maxTokens) return { maxTokens, thinking: null }
  if (maxTokens <= THINKING_TOKENS_MIN) return { maxTokens, thinking: { type: "disabled" } }
  return { maxTokens, thinking: { ...(thinking as Fields), budget_tokens: Math.max(THINKING_TOKENS_MIN, Math.floor(maxTokens / 2)) } }
}

const budgetOf = (thinking: unknown): number | null => (isRecord(thinking) && thinking["type"] === "enabled" && isCount(thinking["budget_tokens"]) ? thinking["budget_tokens"] : null)
