import { ok } from "#lib/kernel/result.ts"
import { invalid, isAbsent, isRecord, parseObject, readModelAndStream } from "../request-fields.ts"
import { aroundCall, createAroundLane, readJsonAnswer } from "./around-lane.ts"
import { bytesOf, fieldsOf } from "./counts.ts"
import { inputUsage, textWork } from "./embeddings.ts"

/** What OpenAI takes where no model is named (API reference, moderations, `model`). */
const MODEL_DEFAULT = "omni-moderation-latest"

/** Moderations (OpenAI API reference, moderations). OpenAI counts nothing and takes nothing for it; others may do both. */
export const moderations = createAroundLane({
  operation: "moderations",
  readCall(body) {
    const parsed = parseObject(body)
    if (!parsed.ok) return parsed
    const fields = parsed.value
    const common = readModelAndStream({ ...fields, model: isAbsent(fields["model"]) ? MODEL_DEFAULT : fields["model"] })
    if (!common.ok) return common
    if (isAbsent(fields["input"])) return invalid("input", "input: a text, a list of texts, or a list of texts and images is needed.")
    return ok(aroundCall(common.value.model, fields, textWork({ bytes: textBytes(fields["input"]), tokens: 0 })))
  },
  readAnswer: (body, call) => readJsonAnswer(body, call, ["results"], ({ usage }) => inputUsage(fieldsOf(usage))),
})

/** Images bring no tokens: their addresses, or the bytes in them, are left out. */
function textBytes(input: unknown): number {
  if (!Array.isArray(input)) return bytesOf(input)
  return (input as readonly unknown[]).reduce<number>((sum, part) => sum + bytesOf(isRecord(part) ? part["text"] : part), 0)
}
