import type { Part, ReasoningPart, SearchPart, SearchResult, Signature, TextPart, ToolResultPart } from "../chat/part.ts"
import { revealed } from "../chat/hidden-thoughts.ts"
import { readExcerpt, readSignature } from "../chat/signature.ts"
import { jsonText } from "../chat/nesting.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { citationsIn, isProven } from "./citations.ts"
import { documentOf, imageOf, searchResultOf } from "./decode-source.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"

/**
 * The parts of a message's content: a text, or blocks (messages reference, content). A search and its result are one part. An empty
 * thinking block with a mark of Gemini's is the proof of the part behind it, or, as the last one, of the part before it
 * (`signatureBlock` of blocks.ts writes it).
 */
export function partsOf(content: unknown, path: string, reading: Reading): readonly Part[] {
  if (typeof content === "string") return [{ kind: "text", text: content }]
  const parts: Part[] = []
  let proof: Signature | null = null
  const searched = searchesOf(content)
  for (const [block, place] of records(content, path, reading)) {
    const carried = carriedProof(block)
    if (carried !== null) {
      if (proof !== null) sign(parts, proof)
      proof = carried
      continue
    }
    const [first, ...others] = blockParts(block, place, { reading, searched })
    if (first === undefined) continue
    parts.push(proof === null ? first : { ...first, signature: proof }, ...others)
    proof = null
  }
  if (proof !== null) sign(parts, proof)
  return parts
}

function sign(parts: Part[], signature: Signature): void {
  const last = parts.at(-1)
  if (last !== undefined) parts[parts.length - 1] = { ...last, signature }
}

type Context = { readonly reading: Reading; readonly searched: ReadonlyMap<unknown, Fields> }

function blockParts(block: Fields, path: string, { reading, searched }: Context): readonly Part[] {
  const { type } = block
  switch (type) {
    case "text":
      return [textOf(block, path, reading)]
    case "image":
      return imageOf(block, path, reading)
    case "document":
      return documentOf(block, path, reading)
    case "search_result":
      return searchResultOf(block, path, reading)
    case "thinking":
    case "redacted_thinking":
      return [reasoningOf(block, path, reading)]
    case "tool_use":
      return [
        {
          kind: "toolCall",
          id: text(block["id"], `${path}.id`, reading),
          name: text(block["name"], `${path}.name`, reading),
          arguments: argumentsOf(block["input"], `${path}.input`, reading),
          ...cacheOf(block),
        },
      ]
    case "tool_result":
      return [toolResultOf(block, path, reading)]
    case "server_tool_use":
      return searchOf(block, path, { reading, searched })
    case "web_search_tool_result":
      return []
    // Anthropic's summary of what stood before it (compaction guide).
    case "compaction":
      return [{ kind: "text", text: text(block["content"], `${path}.content`, reading), ...cacheOf(block) }]
    case "tool_search_tool_result":
      reading.drop(path)
      return []
    default:
      reading.refuse(`${path}.type`, `${typeof type === "string" ? `“${type.slice(0, 60)}”` : "an untyped block"} cannot be read; leave the block out.`)
      return []
  }
}

/** What the text cites goes back with it, where Anthropic has proven it (W-58). */
function textOf(block: Fields, path: string, reading: Reading): TextPart {
  const citations = citationsIn(block["citations"]).filter(isProven)
  return { kind: "text", text: text(block["text"], `${path}.text`, reading), ...(citations.length > 0 && { citations }), ...cacheOf(block) }
}

function argumentsOf(input: unknown, path: string, reading: Reading): string {
  const json = isAbsent(input) ? "{}" : jsonText(input)
  if (json === null) reading.refuse(path, "is nested too deeply.")
  return json ?? "{}"
}

function reasoningOf(block: Fields, path: string, reading: Reading): ReasoningPart {
  if (block["type"] === "redacted_thinking") {
    return { kind: "reasoning", text: "", hidden: true, signature: readSignature(text(block["data"], `${path}.data`, reading), "am") }
  }
  const signature = optionalText(block["signature"]) ?? ""
  return revealed({ kind: "reasoning", text: text(block["thinking"], `${path}.thinking`, reading), ...(signature !== "" && { signature: readSignature(signature, "am") }) })
}

/** The proof that an empty thinking block carries for another part. */
function carriedProof({ type, thinking, signature }: Fields): Signature | null {
  if (type !== "thinking" || thinking !== "" || typeof signature !== "string") return null
  const read = readSignature(signature, "am")
  return read.origin === "gm" ? read : null
}

function toolResultOf(block: Fields, path: string, reading: Reading): ToolResultPart {
  return {
    kind: "toolResult",
    callId: text(block["tool_use_id"], `${path}.tool_use_id`, reading),
    name: null,
    content: resultContent(block["content"], `${path}.content`, reading),
    failed: block["is_error"] === true,
    ...cacheOf(block),
  }
}

function resultContent(content: unknown, path: string, reading: Reading): ToolResultPart["content"] {
  if (typeof content === "string") return [{ kind: "text", text: content }]
  return records(content, path, reading).flatMap(([block, place]): ToolResultPart["content"] => {
    switch (block["type"]) {
      case "text":
        return [{ kind: "text", text: text(block["text"], `${place}.text`, reading), ...cacheOf(block) }]
      case "image":
        return imageOf(block, place, reading)
      case "document":
        return documentOf(block, place, reading)
      case "search_result":
        return searchResultOf(block, place, reading)
      // What a search among deferred tools found (tool search guide): all tools are there for the model in a translation.
      case "tool_reference":
        return [{ kind: "text", text: `The tool ${text(block["tool_name"], `${place}.tool_name`, reading)} can be used now.` }]
      default:
        reading.refuse(`${place}.type`, "a tool's result holds blocks of text, image, document and search_result.")
        return []
    }
  })
}

/** Results of searches among a message's blocks, by the call that they belong to. */
function searchesOf(content: unknown): ReadonlyMap<unknown, Fields> {
  if (!Array.isArray(content)) return new Map()
  return new Map((content as readonly unknown[]).flatMap((block) => (isRecord(block) && block["type"] === "web_search_tool_result" ? [[block["tool_use_id"], block] as const] : [])))
}

function searchOf(block: Fields, path: string, { reading, searched }: Context): readonly SearchPart[] {
  const id = text(block["id"], `${path}.id`, reading)
  const result = searched.get(id)
  // Other tools that ran at the provider, such as a search among tools, are of no use to another one.
  if (block["name"] === "web_search" && result !== undefined) return [searchPart(id, block, result)]
  reading.drop(path)
  return []
}

/** A search that ran at the provider (web search tool guide): what was asked, and what was found or went wrong. */
export function searchPart(id: string, { input }: Fields, { content }: Fields): SearchPart {
  const query = isRecord(input) ? (optionalText(input["query"]) ?? "") : ""
  if (!Array.isArray(content)) return { kind: "search", id, query, results: [], failed: isRecord(content) ? (optionalText(content["error_code"]) ?? "unavailable") : "unavailable" }
  return { kind: "search", id, query, results: (content as readonly unknown[]).filter(isRecord).map(foundOf), failed: null }
}

function foundOf({ url, title, page_age, encrypted_content }: Fields): SearchResult {
  const opaque = optionalText(encrypted_content) ?? ""
  const excerpt = readExcerpt(opaque)
  const content = excerpt !== null ? { excerpt } : opaque !== "" ? { opaque: readSignature(opaque, "am") } : {}
  return { url: optionalText(url) ?? "", title: optionalText(title) ?? "", pageAge: optionalText(page_age), ...content }
}
