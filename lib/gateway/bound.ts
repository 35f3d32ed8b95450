import { tokenCeilings } from "#lib/catalog/token-ceilings.ts"
import { eachUnits, type EachUnit, type TokenUnit, tokenUnits, type UsageUnit } from "#lib/kernel/usage.ts"
import type { UsageBound } from "#lib/ledger/worst-case.ts"
import type { Call, CallSize } from "#lib/wire/call.ts"
import { BYTES_PER_TOKEN } from "#lib/wire/estimate.ts"
import { type Demands, NO_DEMANDS } from "./demands.ts"
import type { PublicModel } from "./types.ts"
import { boundOfWork } from "./work.ts"

/** Two bytes a token is more than any tokenizer needs for text, code or Chinese (DESIGN.md, "How much to hold"). */
const BYTES_PER_TOKEN_HIGH = 2
/** Where nothing is known of a model: more than any model writes in one answer (autumn 2026: 128,000). */
const OUTPUT_TOKENS_UNKNOWN_MAX = 128_000
const textUnits = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning"] as const

/** Tokens of the prompt, counted high. */
export function inputTokensHigh({ textBytes, images, audioBytes, fileBytes }: CallSize): number {
  const { perImage, perAudioByte, perFileByte } = tokenCeilings
  return Math.ceil(textBytes / BYTES_PER_TOKEN_HIGH + images * perImage + audioBytes * perAudioByte + fileBytes * perFileByte)
}

/** Tokens of the prompt, counted high, in all calls that the answer may take. */
export const promptTokensHigh = (size: CallSize, { rounds = 1 }: Demands): number => inputTokensHigh(size) * rounds

/** Tokens of the prompt as they most likely are: for calls whose provider counted nothing. */
export function inputTokensLikely({ textBytes, images, audioBytes, fileBytes }: CallSize): number {
  const { perImage, perAudioByte } = tokenCeilings
  return Math.ceil(textBytes / BYTES_PER_TOKEN + (images * perImage) / 10 + (audioBytes * perAudioByte) / 2 + fileBytes / (BYTES_PER_TOKEN * 2))
}

/** Output tokens of one choice at most: the client's bound, or the model's. */
export const outputTokensMax = (call: Call, model: PublicModel): number => call.outputTokensMax ?? model.outputTokensMax ?? OUTPUT_TOKENS_UNKNOWN_MAX

/** The most that a call can consume with this bound on each choice's output. */
export function usageBound(call: Call, demands: Demands, outputTokensPerChoice: number): UsageBound {
  if (call.work !== undefined) return boundOfWork(call.work, demands)
  const searches = demands.units.reduce((sum, { unit, count, reported }) => (unit === "search" && reported ? sum + count : sum), 0)
  // What a search brought is read by every call behind it: half of them on average.
  const readings = demands.rounds === undefined ? 1 : Math.ceil(demands.rounds / 2)
  const inputTokens = promptTokensHigh(call.size, demands) + searches * tokenCeilings.perSearch * readings
  const outputTokens = outputTokensPerChoice * call.choices + Math.ceil(demands.outputBytes / BYTES_PER_TOKEN_HIGH)
  const { audioBytes, images } = call.size
  if (demands === NO_DEMANDS && audioBytes === 0 && images === 0) return { inputTokens, outputTokens, each: ONE_CALL }
  const demanded = demands.units.map(({ unit }) => unit)
  const each: { [U in EachUnit]?: number } = { ...ONE_CALL }
  for (const { unit, count } of demands.units) if (isEachUnit(unit)) each[unit] = (each[unit] ?? 0) + count * call.choices
  const units = new Set<TokenUnit>(textUnits)
  for (const unit of tokenUnits) if (demanded.includes(unit)) units.add(unit)
  if (audioBytes > 0) units.add("inputAudio")
  if (images > 0) units.add("inputImage")
  return {
    inputTokens,
    outputTokens,
    units: [...units],
    each,
    ...(demands.serviceTier !== null && { serviceTiers: [demands.serviceTier.tier] }),
  }
}

const isEachUnit = (unit: UsageUnit): unit is EachUnit => (eachUnits as readonly UsageUnit[]).includes(unit)

const ONE_CALL = { call: 1 } as const
