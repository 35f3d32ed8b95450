import { err, ok, type Result } from "#lib/kernel/result.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"
import type { Answer } from "../raw-lane.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { ccUsage } from "./usage.ts"

type Completion = {
  readonly id?: unknown
  readonly model?: unknown
  readonly choices?: unknown
  readonly usage?: unknown
  readonly service_tier?: unknown
}

/**
 * Reads a whole chat completion and puts the public model name into it (W-116). An error object under status 200, a body without
 * choices, and what is no JSON are failures: `words` hold what the provider said, if it said anything.
 */
export function readCcAnswer(body: Buffer, publicModel: string): Result<Answer, { readonly words: UpstreamWords | null }> {
  let json: unknown
  try {
    json = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const completion = json as Completion | null
  if (!Array.isArray(completion?.choices) || completion.choices.length === 0) return err({ words: wordsOf(json) })
  const [first] = completion.choices as readonly ({ readonly finish_reason?: unknown } | null)[]
  const renamed = completion.model !== undefined && completion.model !== publicModel
  return ok({
    body: renamed ? patchJsonObject(body.toString("latin1"), new Map([["model", asciiJson(publicModel)]])) : body,
    seen: {
      responseId: typeof completion.id === "string" ? completion.id : null,
      finish: typeof first?.finish_reason === "string" ? first.finish_reason : null,
      usage: ccUsage(completion.usage, completion.service_tier),
      outputTokensEstimated: Math.ceil(body.length / BYTES_PER_TOKEN),
    },
  })
}
