import type { CacheMark, Part } from "../../chat/part.ts"
import { type ChatRequest, efforts, type Generation, type OutputFormat, type Reasoning, type Tool, type ToolChoice, type Turn } from "../../chat/request.ts"

type Fields = Readonly<Record<string, unknown>>
type Block = Fields
const fieldsOf = (value: unknown): Fields => (value ?? {}) as Fields
const listOf = (value: unknown): readonly Fields[] => (value ?? []) as readonly Fields[]

const SILENT: Generation = { outputTokensMax: null, choices: 1, stop: [], temperature: null, topP: null, topK: null, seed: null, presencePenalty: null, frequencyPenalty: null, logitBias: null, logprobs: null, format: null, verbosity: null, modalities: [] }

/**
 * A request of Converse in no dialect's words, read apart from the code that writes it (Bedrock API reference, Converse, request syntax; Claude's
 * own fields by Anthropic's messages reference). No client speaks Converse here, so that nothing but tests reads it.
 */
export function readConverseRequest({ messages, system, toolConfig, inferenceConfig, additionalModelRequestFields, outputConfig }: Fields): ChatRequest {
  const { maxTokens = null, temperature = null, topP = null, stopSequences = [] } = fieldsOf(inferenceConfig)
  const { thinking, top_k: topK = null } = fieldsOf(additionalModelRequestFields)
  const { textFormat, effort } = fieldsOf(outputConfig)
  const { tools, toolChoice } = fieldsOf(toolConfig)
  const said = { outputTokensMax: maxTokens, temperature, topP, topK, stop: stopSequences, format: formatOf(textFormat) } as Partial<Generation>
  return {
    turns: [...(system === undefined ? [] : [{ role: "system" as const, parts: partsOf(listOf(system)) }]), ...listOf(messages).map(({ role, content }): Turn => ({ role: role as "user" | "assistant", parts: partsOf(listOf(content)) }))],
    tools: toolsOf(listOf(tools)),
    toolChoice: choiceOf(toolChoice as Fields | undefined),
    parallelTools: null,
    generation: { ...SILENT, ...said },
    reasoning: reasoningOf(thinking as Fields | undefined, effort),
    user: null,
    serviceTier: null,
    unknown: [],
  }
}

const markOf = ({ cachePoint }: Block): CacheMark | undefined => (cachePoint === undefined ? undefined : { ttl: (fieldsOf(cachePoint)["ttl"] as "5m" | "1h" | undefined) ?? null })

/** A cache point marks what stands before it. */
function partsOf(blocks: readonly Block[]): readonly Part[] {
  const parts: Part[] = []
  for (const block of blocks) {
    const cache = markOf(block)
    if (cache !== undefined) parts.push({ ...parts.pop()!, cache })
    else parts.push(partOf(block))
  }
  return parts
}

function partOf({ text, image, document, reasoningContent, toolUse, toolResult }: Block): Part {
  if (typeof text === "string") return { kind: "text", text }
  if (image !== undefined) return { kind: "image", media: { kind: "base64", mediaType: `image/${String(fieldsOf(image)["format"])}`, data: bytesOf(image) } }
  if (document !== undefined) return { kind: "document", media: { kind: "base64", mediaType: `application/${String(fieldsOf(document)["format"])}`, data: bytesOf(document) }, name: String(fieldsOf(document)["name"]) }
  if (reasoningContent !== undefined) return thoughtOf(fieldsOf(reasoningContent))
  if (toolUse !== undefined) {
    const { toolUseId, name, input } = fieldsOf(toolUse)
    return { kind: "toolCall", id: String(toolUseId), name: String(name), arguments: JSON.stringify(input) }
  }
  const { toolUseId, content, status } = fieldsOf(toolResult)
  return { kind: "toolResult", callId: String(toolUseId), name: null, content: partsOf(listOf(content)) as Extract<Part, { kind: "toolResult" }>["content"], failed: status === "error" }
}

const bytesOf = (media: unknown): string => String(fieldsOf(fieldsOf(media)["source"])["bytes"])

function thoughtOf({ reasoningText, redactedContent }: Fields): Part {
  if (redactedContent !== undefined) return { kind: "reasoning", text: "", hidden: true, signature: { origin: "br", data: String(redactedContent) } }
  const { text, signature } = fieldsOf(reasoningText)
  return { kind: "reasoning", text: String(text), signature: { origin: "br", data: String(signature) } }
}

function toolsOf(tools: readonly Fields[]): readonly Tool[] {
  const read: Extract<Tool, { parameters: unknown }>[] = []
  for (const tool of tools) {
    const cache = markOf(tool)
    if (cache !== undefined) {
      read.push({ ...read.pop()!, cache })
      continue
    }
    const { name, description = null, inputSchema, strict = null } = fieldsOf(tool["toolSpec"])
    read.push({ kind: "function", name: String(name), description: description as string | null, parameters: fieldsOf(fieldsOf(inputSchema)["json"]), strict: strict as boolean | null })
  }
  return read
}

function choiceOf(choice: Fields | undefined): ToolChoice | null {
  if (choice === undefined) return null
  if (choice["tool"] !== undefined) return { kind: "tool", name: String(fieldsOf(choice["tool"])["name"]) }
  return { kind: "auto" in choice ? "auto" : "any" }
}

function formatOf(format: unknown): OutputFormat | null {
  if (format === undefined) return null
  const { schema, name = null, description = null } = fieldsOf(fieldsOf(fieldsOf(format)["structure"])["jsonSchema"])
  return { kind: "schema", name: name as string | null, description: description as string | null, schema: JSON.parse(String(schema)) as Fields, strict: null }
}

function reasoningOf(thinking: Fields | undefined, effort: unknown): Reasoning | null {
  const word = efforts.find((one) => one === effort) ?? null
  if (thinking === undefined) return word === null ? null : { kind: "effort", effort: word, shown: null }
  return thinking["type"] === "enabled" ? { kind: "budget", tokens: Number(thinking["budget_tokens"]), shown: true } : { kind: "adaptive", effort: word, shown: true }
}
