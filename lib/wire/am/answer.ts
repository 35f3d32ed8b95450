import { err, ok, type Result } from "#lib/kernel/result.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { asciiJson, patchJsonObject } from "../json-members.ts"
import type { Answer } from "../raw-lane.ts"
import { isRecord } from "../request-fields.ts"
import { type UpstreamWords, wordsOf } from "../upstream-words.ts"
import { amUsage, searchesIn } from "./usage.ts"

/**
 * Reads a whole message and puts the public model name into it (W-116). An error object under status 200, a body without content, and
 * what is no JSON are failures: `words` hold what the provider said, if it said anything.
 */
export function readAmAnswer(body: Buffer, publicModel: string): Result<Answer, { readonly words: UpstreamWords | null }> {
  let message: unknown
  try {
    message = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  if (!isRecord(message) || !Array.isArray(message["content"])) return err({ words: wordsOf(message) })
  const renamed = message["model"] !== undefined && message["model"] !== publicModel
  return ok({
    body: renamed ? patchJsonObject(body.toString("latin1"), new Map([["model", asciiJson(publicModel)]])) : body,
    seen: {
      responseId: typeof message["id"] === "string" ? message["id"] : null,
      finish: typeof message["stop_reason"] === "string" ? message["stop_reason"] : null,
      usage: amUsage(message["usage"], searchesIn(message["content"] as readonly unknown[])),
      outputTokensEstimated: Math.ceil(body.length / BYTES_PER_TOKEN),
    },
  })
}
