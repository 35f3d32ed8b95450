import { count, type Usage } from "#lib/kernel/usage.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { listOf, member, recordOf } from "./fields.ts"

/**
 * `usageMetadata` as units that do not overlap (https://ai.google.dev/api/generate-content, UsageMetadata). The prompt includes its cached
 * part; what tools added to the prompt stands apart, and so do thoughts, which are billed as output (W-95). Spoken and drawn tokens are
 * told apart by the details. `searches`: as read from the answer, for Google counts none. Null where it counts nothing (W-100).
 */
export function gmUsage(value: unknown, searches?: number): Usage | null {
  if (!isRecord(value)) return null
  const prompt = count(member(value, "promptTokenCount"))
  const candidates = count(member(value, "candidatesTokenCount"))
  const thoughts = count(member(value, "thoughtsTokenCount"))
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return null
  const cached = count(member(value, "cachedContentTokenCount"))
  const tools = count(member(value, "toolUsePromptTokenCount"))
  const spoken = ofModality(member(value, "promptTokensDetails"), "AUDIO")
  const spokenBefore = ofModality(member(value, "cacheTokensDetails"), "AUDIO") ?? 0
  const inputAudio = spoken === undefined ? undefined : Math.max(0, spoken - spokenBefore)
  const outputAudio = ofModality(member(value, "candidatesTokensDetails"), "AUDIO")
  const outputImage = ofModality(member(value, "candidatesTokensDetails"), "IMAGE")
  return {
    ...known("input", prompt === undefined ? tools : rest(prompt, cached, inputAudio) + (tools ?? 0)),
    ...known("cacheRead", cached),
    // A prompt that is blocked, and thinking that fills the whole bound, bring no candidates: then nothing was written.
    ...known("output", rest(candidates ?? 0, outputAudio, outputImage)),
    ...known("reasoning", thoughts),
    ...known("inputAudio", inputAudio),
    ...known("outputAudio", outputAudio),
    ...known("outputImage", outputImage),
    ...known("search", searches),
    ...tierOf(member(value, "serviceTier")),
  }
}

/** Of a request that was served otherwise than others are; the standard one goes without saying. */
const tierOf = (tier: unknown): Pick<Usage, "serviceTier"> => (tier === "flex" || tier === "priority" ? { serviceTier: tier } : {})

/**
 * How often Google searched for one candidate: Gemini 3 and later pay for each query, earlier models for each answer that was grounded
 * (https://ai.google.dev/gemini-api/docs/google-search, pricing). Undefined where it did not search.
 */
export function searchesOf(candidate: Fields, modelVersion: unknown): number | undefined {
  const queries = listOf(member(recordOf(member(candidate, "groundingMetadata")), "webSearchQueries")).length
  if (queries === 0) return undefined
  return typeof modelVersion === "string" && /gemini-[12](?:\.|-|$)/.test(modelVersion) ? 1 : queries
}

function ofModality(details: unknown, modality: string): number | undefined {
  const found = listOf(details).filter((one): one is Fields => isRecord(one) && one["modality"] === modality)
  return found.length === 0 ? undefined : found.reduce((sum, one) => sum + (count(member(one, "tokenCount")) ?? 0), 0)
}

const rest = (whole: number, ...parts: readonly (number | undefined)[]): number => parts.reduce<number>((left, part) => Math.max(0, left - (part ?? 0)), whole)

const known = <K extends keyof Usage>(unit: K, value: number | undefined): { readonly [U in K]?: number } => (value === undefined ? {} : { [unit]: value }) as { readonly [U in K]?: number }
