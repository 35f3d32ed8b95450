import { isForeignSignature } from "../chat/signature.ts"
import { asciiJson, rewrittenList } from "../json-members.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { UNSIGNED_CALL } from "./encode-contents.ts"
import { listOf, member, spellingOf } from "./fields.ts"

/**
 * The JSON of a conversation in which nothing is left of what other providers proved in it, which Gemini refuses (W-56, W-57): each content
 * without such a proof keeps its bytes. `text`: the body, one character per byte. `signsCalls`: the model wants a word in the place of a
 * call's proof. Null: there is nothing of that kind.
 */
export function withoutForeignProofs(text: string, fields: Fields, signsCalls: boolean): string | null {
  const contents = listOf(fields["contents"])
  if (!contents.some(hasForeignProof)) return null
  return rewrittenList(text, "contents", contents, (content) => (hasForeignProof(content) ? asciiJson(cleaned(content as Fields, signsCalls)) : undefined))
}

const isForeign = (part: unknown): part is Fields => isRecord(part) && isForeignSignature(member(part, "thoughtSignature"))

const hasForeignProof = (content: unknown): boolean => isRecord(content) && listOf(content["parts"]).some(isForeign)

function cleaned(content: Fields, signsCalls: boolean): Fields {
  let called = false
  const parts = listOf(content["parts"]).flatMap((part): readonly unknown[] => {
    if (!isForeign(part)) return [part]
    const name = spellingOf(part, "thoughtSignature")
    const { [name]: _proof, ...rest } = part
    if (isRecord(member(rest, "functionCall"))) {
      const first = !called
      called = true
      return [signsCalls && first ? { ...rest, [name]: UNSIGNED_CALL } : rest]
    }
    return rest["text"] === "" ? [] : [rest]
  })
  return { ...content, parts: parts.length === 0 ? [{ text: "" }] : parts }
}
