import { type Fields, isRecord } from "../request-fields.ts"
import { listOf, recordOf, textIn } from "./fields.ts"

/** Google's `logprobsResult` as chat completions have log probabilities (W-74). */
export function logprobsOf(result: unknown): Fields | null {
  if (!isRecord(result)) return null
  const tops = listOf(result["topCandidates"])
  const content = listOf(result["chosenCandidates"])
    .filter(isRecord)
    .map((chosen, index) => ({ ...tokenOf(chosen), top_logprobs: listOf(recordOf(tops[index])["candidates"]).filter(isRecord).map(tokenOf) }))
  return content.length === 0 ? null : { content, refusal: null }
}

function tokenOf(candidate: Fields) {
  const token = textIn(candidate["token"]) ?? ""
  const logprob = candidate["logProbability"]
  return { token, logprob: typeof logprob === "number" ? logprob : 0, bytes: [...Buffer.from(token, "utf8")] }
}

/** The way back, for Gemini's clients. */
export function logprobsResult(logprobs: unknown): Fields | null {
  const content = listOf(recordOf(logprobs)["content"]).filter(isRecord)
  if (content.length === 0) return null
  const candidateOf = ({ token, logprob }: Fields) => ({ token, logProbability: logprob })
  return { chosenCandidates: content.map(candidateOf), topCandidates: content.map((one) => ({ candidates: listOf(one["top_logprobs"]).filter(isRecord).map(candidateOf) })) }
}
