import { callNames, markLaterSystem, mergeTurns, pairResults, splitLeadingSystem, withoutBlanks, withOpeningUser } from "../chat/turns.ts"
import type { Turn } from "../chat/request.ts"
import type { ToolNames } from "../chat/tool-names.ts"
import type { Fields } from "../request-fields.ts"
import { encodePart, type PartsContext } from "./encode-parts.ts"

/** What Gemini takes for a call that it did not make itself (thought signatures guide, frequently asked questions; W-135). */
export const UNSIGNED_CALL = "skip_thought_signature_validator"

export type Content = { readonly role: "user" | "model"; readonly parts: readonly Fields[] }
export type EncodedContents = { readonly systemInstruction: { readonly parts: readonly Fields[] } | null; readonly contents: readonly Content[] }

/** A request of nothing but instructions still needs somebody who asks. */
const ASKING: Content = { role: "user", parts: [{ text: "." }] }

/** `signsCalls`: the model refuses calls in the history that nobody signed. */
export type ContentsOptions = { readonly names: ToolNames; readonly signsCalls: boolean; readonly resultsHoldMedia: boolean }

/** The conversation as Gemini has it: instructions apart (W-1), a user first (W-6), roles by turns (W-5), and each call with its result (W-32). */
export function encodeContents(turns: readonly Turn[], { names, signsCalls, resultsHoldMedia }: ContentsOptions): EncodedContents {
  const { system, rest } = splitLeadingSystem(turns)
  const context: PartsContext = { names, callNames: callNames(turns), resultsHoldMedia }
  const instructions = withoutBlanks(system).flatMap(({ parts }) => parts.flatMap((part) => encodePart(part, context)))
  const ordered = withOpeningUser(pairResults(mergeTurns(withoutBlanks(markLaterSystem(rest)))))
  const contents = ordered.flatMap(({ role, parts }): readonly Content[] => {
    const encoded = parts.flatMap((part) => encodePart(part, context))
    if (encoded.length === 0) return []
    return [role === "assistant" ? { role: "model", parts: signsCalls ? withSignedCall(encoded) : encoded } : { role: "user", parts: resultsFirst(encoded) }]
  })
  return { systemInstruction: instructions.length === 0 ? null : { parts: instructions }, contents: contents.length === 0 ? [ASKING] : contents }
}

/** Of parallel calls the first carries the signature (thought signatures guide); one that another provider made has none. */
function withSignedCall(parts: readonly Fields[]): readonly Fields[] {
  const first = parts.findIndex((part) => "functionCall" in part)
  if (first === -1 || parts.some((part) => "functionCall" in part && "thoughtSignature" in part)) return parts
  return parts.map((part, index) => (index === first ? { ...part, thoughtSignature: UNSIGNED_CALL } : part))
}

/** Pictures of one result must not part it from the next one. */
function resultsFirst(parts: readonly Fields[]): readonly Fields[] {
  const results = parts.filter((part) => "functionResponse" in part)
  return results.length === 0 ? parts : [...results, ...parts.filter((part) => !("functionResponse" in part))]
}
