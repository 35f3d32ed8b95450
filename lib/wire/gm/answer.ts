import { err, ok, type Result } from "#lib/kernel/result.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"
import type { Answer } from "../raw-lane.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { listOf, recordOf, textIn } from "./fields.ts"
import { gmUsage, searchesOf } from "./usage.ts"

/**
 * Reads a whole response and puts the public model name into it (W-116). A blocked prompt is an answer without candidates (W-91); an
 * error object under status 200, an answer of nothing, and what is no JSON are failures: `words` hold what the provider said.
 */
export function readGmAnswer(body: Buffer, publicModel: string): Result<Answer, { readonly words: UpstreamWords | null }> {
  let response: unknown
  try {
    response = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  if (!isRecord(response)) return err({ words: wordsOf(response) })
  const candidates = candidatesOf(response)
  const blocked = blockReasonOf(response)
  if (candidates.length === 0 && blocked === null) return err({ words: wordsOf(response) })
  const version = response["modelVersion"]
  const renamed = version !== undefined && version !== publicModel
  return ok({
    body: renamed ? patchJsonObject(body.toString("latin1"), new Map([["modelVersion", asciiJson(publicModel)]])) : body,
    seen: {
      responseId: textIn(response["responseId"]),
      finish: finishOf(candidates[0]) ?? blocked,
      usage: gmUsage(response["usageMetadata"], summedSearches(candidates, version)),
      outputTokensEstimated: Math.ceil(body.length / BYTES_PER_TOKEN),
    },
  })
}

export const candidatesOf = (response: Fields): readonly Fields[] => listOf(response["candidates"]).filter(isRecord)

/** Why the prompt itself was refused; null: it was not. */
export const blockReasonOf = (response: Fields): string | null => textIn(recordOf(response["promptFeedback"])["blockReason"])

/** Google's word for why a candidate stopped; null while it has not. The default of the enumeration says nothing. */
export function finishOf(candidate: Fields | undefined): string | null {
  const reason = textIn(candidate?.["finishReason"])
  return reason === "" || reason === "FINISH_REASON_UNSPECIFIED" ? null : reason
}

/** Of all candidates together; undefined where nothing was searched. */
export function summedSearches(candidates: readonly Fields[], modelVersion: unknown): number | undefined {
  const counts = candidates.map((candidate) => searchesOf(candidate, modelVersion)).filter((found) => found !== undefined)
  return counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + one, 0)
}
