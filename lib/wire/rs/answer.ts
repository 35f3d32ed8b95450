import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"
import type { Answer } from "../raw-lane.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { wantsStored } from "./request.ts"
import { rsUsage, searchesIn } from "./usage.ts"

/**
 * Reads a whole response and says in it what the client asked for and not what the provider was asked (W-116). An error under status
 * 200, a response that failed or is not finished, and what is no JSON are failures: `words` hold what the provider said.
 */
export function readRsAnswer(body: Buffer, publicModel: string, call?: Call): Result<Answer, { readonly words: UpstreamWords | null }> {
  let response: unknown
  try {
    response = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const finish = isRecord(response) ? finishOf(response) : null
  if (!isRecord(response) || finish === null || !Array.isArray(response["output"])) return err({ words: wordsOf(response) })
  const changes = ourWords(response, publicModel, call?.fields)
  return ok({
    body: changes.size === 0 ? body : patchJsonObject(body.toString("latin1"), changes),
    seen: {
      responseId: typeof response["id"] === "string" ? response["id"] : null,
      finish,
      usage: rsUsage(response, searchesIn(response["output"])),
      outputTokensEstimated: Math.ceil(body.length / BYTES_PER_TOKEN),
    },
  })
}

/** Why a response ended: `completed`, or what made it incomplete (W-92). Null: it failed, or has not ended. */
export function finishOf({ status, incomplete_details: details }: Fields): string | null {
  if (status === "incomplete") return isRecord(details) && typeof details["reason"] === "string" ? details["reason"] : "incomplete"
  // Some compatible providers leave the status out of whole answers.
  return status === "completed" || status === undefined ? "completed" : null
}

/** What a response repeats of its request and was asked of the provider in other words: the model's name, and what is kept here instead of there. */
export function ourWords(response: Fields, publicModel: string, asked: Fields = {}): ReadonlyMap<string, string> {
  const changes = new Map<string, string>()
  if (response["model"] !== undefined && response["model"] !== publicModel) changes.set("model", asciiJson(publicModel))
  const stored = wantsStored({ fields: asked })
  if (response["store"] !== undefined && response["store"] !== stored) changes.set("store", String(stored))
  const previous = asked["previous_response_id"]
  if (typeof previous === "string") changes.set("previous_response_id", asciiJson(previous))
  return changes
}
