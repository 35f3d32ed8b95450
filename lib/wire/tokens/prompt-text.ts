import type { DocumentPart, Part } from "../chat/part.ts"
import type { ChatRequest } from "../chat/request.ts"
import { anthropicImageTokens, type ImageCount, openaiImageTokens } from "./image-tokens.ts"
import { jsonToolTexts, openaiToolText, type ToolText } from "./tool-text.ts"

/** OpenAI's encodings: of GPT-4o and all that came after it, and of those before. */
export type Encoding = "o200k_base" | "cl100k_base"

/** A prompt as it is counted: the tokens of its texts in an encoding, and those that are no text. */
export type PromptText = { readonly encoding: Encoding; readonly texts: readonly string[]; readonly tokens: number }

type Family = {
  readonly pattern: RegExp
  readonly encoding: Encoding
  readonly perTurn: number
  readonly perPrompt: number
  readonly image: ImageCount
  readonly tools: (request: ChatRequest) => ToolText
}

/** The system prompt that Anthropic writes for tools (tool use guide, pricing: 346 tokens where it is free to choose, 313 where it is not). */
const ANTHROPIC_TOOLS = 346
const ANTHROPIC_TOOLS_FORCED = 313

const json = (tokens: (request: ChatRequest) => number): Family["tools"] => (request) => ({ texts: jsonToolTexts(request.tools), tokens: request.tools.length === 0 ? 0 : tokens(request) })
/** OpenAI cookbook, “How to count tokens with tiktoken”: three tokens to a message, beside its role, and three for the answer's beginning. */
const openai = { perTurn: 3, perPrompt: 3 } as const

/** The first pattern that is found in a model's lower-case name counts. */
const families: readonly Family[] = [
  { pattern: /claude/, encoding: "o200k_base", perTurn: 3, perPrompt: 0, image: anthropicImageTokens, tools: json(({ toolChoice }) => (toolChoice?.kind === "any" || toolChoice?.kind === "tool" ? ANTHROPIC_TOOLS_FORCED : ANTHROPIC_TOOLS)) },
  { pattern: /(?:^|\/)(?:gpt-4(?!o|\.\d|-o)|gpt-3)/, encoding: "cl100k_base", ...openai, image: openaiImageTokens(85, 170), tools: ({ tools }) => openaiToolText(tools, 10) },
  { pattern: /(?:^|\/)gpt-5/, encoding: "o200k_base", ...openai, image: openaiImageTokens(70, 140), tools: ({ tools }) => openaiToolText(tools, 7) },
  { pattern: /(?:^|\/)o[134](?:-|$)/, encoding: "o200k_base", ...openai, image: openaiImageTokens(75, 150), tools: ({ tools }) => openaiToolText(tools, 7) },
  { pattern: /(?:^|\/)gpt-/, encoding: "o200k_base", ...openai, image: openaiImageTokens(85, 170), tools: ({ tools }) => openaiToolText(tools, 7) },
]
/** Models whose tokenizers are not published as a package: their vocabularies are of o200k's size, and templates wrap turns much as OpenAI does. */
const OTHERS: Omit<Family, "pattern"> = { encoding: "o200k_base", ...openai, image: anthropicImageTokens, tools: json(() => 0) }

/** A PDF's page (Anthropic PDF guide: 1,500 to 3,000 tokens), and how many base64 characters one has on the average of office documents. */
const TOKENS_PER_PAGE = 2_000
const CHARACTERS_PER_PAGE = 60_000
const LINKED_PAGES = 10

/** What is counted of a request for a model, by the channel's name for it (W-128): turns, system prompts, tools, pictures and documents. */
export function promptText(request: ChatRequest, model: string): PromptText {
  const name = model.toLowerCase()
  const family = families.find(({ pattern }) => pattern.test(name)) ?? OTHERS
  const { texts: toolTexts, tokens: toolTokens } = family.tools(request)
  const texts: string[] = [...toolTexts]
  let tokens = family.perPrompt + toolTokens
  for (const turn of request.turns) {
    tokens += family.perTurn
    texts.push(turn.role)
    if (turn.name !== undefined) {
      tokens++
      texts.push(turn.name)
    }
    for (const part of turn.parts) tokens += addPart(part, texts, family.image)
  }
  const { format } = request.generation
  if (format?.kind === "schema") texts.push(JSON.stringify(format.schema))
  return { encoding: family.encoding, texts, tokens }
}

/** Adds a part's texts; returns the tokens of what is no text. Thinking of earlier turns is not counted (Anthropic token counting guide). */
function addPart(part: Part, texts: string[], image: ImageCount): number {
  switch (part.kind) {
    case "text":
    case "refusal":
      texts.push(part.text)
      return 0
    case "image":
      return image(part)
    case "document":
      return documentTokens(part, texts)
    case "toolCall":
      texts.push(part.name, part.arguments)
      return 0
    case "toolResult": {
      let tokens = 0
      for (const inner of part.content) tokens += addPart(inner, texts, image)
      return tokens
    }
    case "search":
      texts.push(part.query, ...part.results.map(({ title, url }) => `${title} ${url}`))
      return 0
    case "reasoning":
    case "audio":
    case "video":
      return 0
  }
}

function documentTokens({ media, name }: DocumentPart, texts: string[]): number {
  if (name !== null) texts.push(name)
  if (media.kind === "text") {
    texts.push(media.text)
    return 0
  }
  return TOKENS_PER_PAGE * (media.kind === "url" ? LINKED_PAGES : Math.max(1, Math.round(media.data.length / CHARACTERS_PER_PAGE)))
}
