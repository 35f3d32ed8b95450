import type { DocumentPart, ImagePart, Part, Signature, TextPart, ToolResultPart } from "../chat/part.ts"
import type { Turn } from "../chat/request.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { isTrigger, summaryIn, summaryText } from "./compaction.ts"
import { reasoningOf, searchOf, textIn } from "./decode-answer.ts"
import { flatName, TOOL_SEARCH, type Toolbox } from "./decode-tools.ts"
import { mediaOf } from "./media.ts"
import type { Problems } from "./problems.ts"

const roles: ReadonlyMap<unknown, Turn["role"]> = new Map([["system", "system"], ["developer", "system"], ["user", "user"], ["assistant", "assistant"]])

/**
 * Reads a conversation's items (API reference, responses, input) as turns. What an assistant thought, said and called in one go is one
 * turn, and so are the results that answer it; messages stay apart. Gemini's proof of a call or a text, which have no place for it here,
 * goes back to them (W-57).
 */
export function decodeItems(input: unknown, toolbox: Toolbox, problems: Problems): readonly Turn[] {
  if (typeof input === "string") return [{ role: "user", parts: [{ kind: "text", text: input }] }]
  if (!Array.isArray(input)) return []
  const turns: { role: Turn["role"]; parts: Part[]; open: boolean }[] = []
  let proof: Signature | null = null
  /** A proof that nothing stood behind belongs to what stands before it. */
  const giveBack = () => {
    const parts = turns.findLast(({ role }) => role === "assistant")?.parts
    const last = parts?.pop()
    if (last !== undefined) parts?.push(proof === null ? last : { ...last, signature: proof })
    proof = null
  }
  const join = (role: Turn["role"], part: Part) => {
    const carried = carriedProof(part)
    if (carried !== null || role !== "assistant") giveBack()
    proof ??= carried
    if (carried !== null) return
    const whole = proof === null ? part : { ...part, signature: proof }
    proof = null
    const last = turns.at(-1)
    if (last !== undefined && last.role === role && last.open) last.parts.push(whole)
    else turns.push({ role, parts: [whole], open: true })
  }
  for (const [index, item] of (input as readonly unknown[]).entries()) {
    const path = `input[${index}]`
    if (!isRecord(item)) {
      problems.add(path, "must be an object.")
      continue
    }
    const summary = summaryIn(item)
    if (summary !== null) {
      giveBack()
      turns.push({ role: "user", parts: [{ kind: "text", text: summaryText(summary) }], open: false })
    }
    if (summary !== null || isTrigger(item)) continue
    const type = item["type"] ?? "message"
    if (type === "message") {
      const role = roles.get(item["role"])
      if (role === undefined) problems.add(`${path}.role`, "must be user, assistant, system or developer.")
      else if (role === "assistant") for (const part of contentParts(item["content"], `${path}.content`, problems)) join(role, part)
      else {
        giveBack()
        turns.push({ role, parts: contentParts(item["content"], `${path}.content`, problems), open: false })
      }
      continue
    }
    const read = itemReaders.get(type)
    if (read === undefined) problems.needsOwnDialect(`${path}.type`, `an item of type “${textIn(item, "type").slice(0, 40)}”`)
    else {
      const part = read(item, path, problems, toolbox)
      if (part !== null) join(part.kind === "toolResult" ? "user" : "assistant", part)
    }
  }
  giveBack()
  return turns.map(({ role, parts }) => ({ role, parts }))
}

/** The proof that a reasoning item without words carries for the item behind it (`proofItem` of items.ts writes it). */
const carriedProof = (part: Part): Signature | null => (part.kind === "reasoning" && part.text === "" && part.signature?.origin === "gm" ? part.signature : null)

type ItemReader = (item: Fields, path: string, problems: Problems, toolbox: Toolbox) => Part | null

const itemReaders: ReadonlyMap<unknown, ItemReader> = new Map(Object.entries<ItemReader>({
  // Codex sends `content: null` (W-133).
  reasoning: reasoningOf,
  function_call: (item, path, problems) => toolCall(item, path, problems, item["arguments"]),
  custom_tool_call: (item, path, problems) => toolCall(item, path, problems, item["input"]),
  tool_search_call: (item, path, problems) => toolCall({ ...item, name: TOOL_SEARCH }, path, problems, JSON.stringify(item["arguments"] ?? {})),
  function_call_output: toolResult,
  custom_tool_call_output: toolResult,
  // What was found is at hand from now on.
  tool_search_output(item, path, problems, toolbox) {
    toolbox.add(item["tools"], `${path}.tools`)
    return item["execution"] === "server" ? null : toolResult({ ...item, output: JSON.stringify(item["tools"] ?? []) }, path, problems)
  },
  additional_tools(item, path, _problems, toolbox) {
    toolbox.add(item["tools"], `${path}.tools`)
    return null
  },
  web_search_call: searchOf,
}))

function toolCall(item: Fields, path: string, problems: Problems, args: unknown): Part {
  const [id, local, namespace] = [textIn(item, "call_id"), textIn(item, "name"), textIn(item, "namespace")]
  if (id === "") problems.add(`${path}.call_id`, "must be a text.")
  if (local === "") problems.add(`${path}.name`, "must be a text.")
  return { kind: "toolCall", id, name: namespace === "" ? local : flatName(namespace, local), arguments: typeof args === "string" ? args : "" }
}

function toolResult(item: Fields, path: string, problems: Problems): Part {
  const { output, status } = item
  const callId = textIn(item, "call_id")
  if (callId === "") problems.add(`${path}.call_id`, "must be a text.")
  const content = contentParts(output, `${path}.output`, problems).filter((part): part is ToolResultPart["content"][number] => part.kind === "text" || part.kind === "image" || part.kind === "document")
  return { kind: "toolResult", callId, name: null, content, failed: status === "incomplete" }
}

/** A message's content or a result's output: a text or a list of parts. */
function contentParts(content: unknown, path: string, problems: Problems): Part[] {
  if (typeof content === "string") return [{ kind: "text", text: content }]
  if (isAbsent(content)) return []
  if (!Array.isArray(content)) {
    problems.add(path, "must be a text or a list of parts.")
    return []
  }
  return (content as readonly unknown[]).flatMap((part, index) => contentPart(part, `${path}[${index}]`, problems) ?? [])
}

function contentPart(part: unknown, path: string, problems: Problems): Part | null {
  if (!isRecord(part)) {
    problems.add(path, "must be an object.")
    return null
  }
  switch (part["type"]) {
    case "input_text":
    case "output_text":
    case "text":
      if (typeof part["text"] !== "string") problems.add(`${path}.text`, "must be a text.")
      return { kind: "text", text: textIn(part, "text") } satisfies TextPart
    case "refusal":
      return { kind: "refusal", text: textIn(part, "refusal") }
    case "input_image": {
      const url = part["image_url"]
      if (typeof url === "string") return { kind: "image", media: mediaOf(url, null), ...(typeof part["detail"] === "string" && { detail: part["detail"] }) } satisfies ImagePart
      problems.add(`${path}.image_url`, "must be an address or a data URL.")
      return null
    }
    case "input_file":
      return documentPart(part, path, problems)
    case "input_audio": {
      const audio = part["input_audio"]
      if (isRecord(audio) && typeof audio["data"] === "string") return { kind: "audio", media: { kind: "base64", mediaType: `audio/${textIn(audio, "format") || "wav"}`, data: audio["data"] } }
      problems.add(`${path}.input_audio.data`, "must be base64.")
      return null
    }
    default:
      problems.needsOwnDialect(`${path}.type`, `a part of type “${textIn(part, "type").slice(0, 40)}”`)
      return null
  }
}

function documentPart({ file_data: data, file_url: url, filename }: Fields, path: string, problems: Problems): DocumentPart | null {
  const name = typeof filename === "string" ? filename : null
  if (typeof data === "string") return { kind: "document", media: mediaOf(data, "application/pdf"), name }
  if (typeof url === "string") return { kind: "document", media: { kind: "url", url, mediaType: null }, name }
  problems.add(`${path}.file_data`, "file_data or file_url must be given.")
  return null
}
