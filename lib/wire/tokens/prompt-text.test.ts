import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base"
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base"
import { expect, test } from "vitest"
import type { Part } from "../chat/part.ts"
import type { ChatRequest, Tool, Turn } from "../chat/request.ts"
import { promptText } from "./prompt-text.ts"

const generation = { outputTokensMax: null, choices: 1, stop: [], temperature: null, topP: null, topK: null, seed: null, presencePenalty: null, frequencyPenalty: null, logitBias: null, logprobs: null, format: null, verbosity: null, modalities: [] }
const request = (turns: readonly Turn[], tools: readonly Tool[] = []): ChatRequest => ({ turns, tools, toolChoice: null, parallelTools: null, generation, reasoning: null, user: null, serviceTier: null, unknown: [] })
const turn = (role: Turn["role"], words: string, name?: string): Turn => ({ role, parts: [{ kind: "text", text: words }], ...(name !== undefined && { name }) })
const tool = (name: string, description: string, properties: object): Tool => ({ kind: "function", name, description, parameters: { type: "object", properties, required: ["location"] }, strict: null })

function tokensOf(asked: ChatRequest, model: string): number {
  const { encoding, texts, tokens } = promptText(asked, model)
  const count = encoding === "o200k_base" ? o200k : cl100k
  return texts.reduce((sum, text) => sum + count(text), tokens)
}

// OpenAI cookbook, “How to count tokens with tiktoken” (read November 2026): the prompt and the counts that it prints.
const jargon = request([
  turn("system", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
  turn("system", "New synergies will help drive top-line growth.", "example_user"),
  turn("system", "Things working well together will increase revenue.", "example_assistant"),
  turn("system", "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.", "example_user"),
  turn("system", "Let's talk later when we're less busy about how to do better.", "example_assistant"),
  turn("user", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
])
const weather = request(
  [turn("system", "You are a helpful assistant that can answer to questions about the weather."), turn("user", "What's the weather like in San Francisco?")],
  [
    tool("get_current_weather", "Get the current weather in a given location", {
      location: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
      unit: { type: "string", description: "The unit of temperature to return", enum: ["celsius", "fahrenheit"] },
    }),
  ],
)

test.each([
  ["gpt-4o", jargon, 124],
  ["gpt-4", jargon, 129],
  ["gpt-3.5-turbo", jargon, 129],
  ["gpt-4o-mini", weather, 101],
  ["gpt-4", weather, 105],
])("W-128 OpenAI's own example for %s is counted as OpenAI counts it", (model, asked, tokens) => {
  expect(tokensOf(asked, model)).toBe(tokens)
})

// Anthropic token counting guide (read November 2026): the prompts and the counts that it prints.
test.each([
  ["a text", request([turn("system", "You are a scientist"), turn("user", "Hello, Claude")]), 14],
  [
    "a tool",
    request([turn("user", "What's the weather like in San Francisco?")], [tool("get_weather", "Get the current weather in a given location", { location: { type: "string", description: "The city and state, e.g. San Francisco, CA" } })]),
    403,
  ],
])("W-128 Anthropic's own example with %s is counted within a tenth", (_, asked, tokens) => {
  expect(Math.abs(tokensOf(asked, "claude-opus-4-6") / tokens - 1)).toBeLessThan(0.1)
})

const png = (width: number, height: number) => {
  const bytes = Buffer.alloc(40)
  bytes.writeUInt32BE(0x89504e47, 0)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes.toString("base64")
}
const image = (width: number, height: number, detail?: string): Part => ({ kind: "image", media: { kind: "base64", mediaType: "image/png", data: png(width, height) }, ...(detail !== undefined && { detail }) })
const imageTokens = (model: string, part: Part) => {
  const user = (parts: readonly Part[]) => request([{ role: "user", parts }])
  return tokensOf(user([part]), model) - tokensOf(user([]), model)
}

// Anthropic vision guide: 200×200 about 54 tokens, 1000×1000 about 1,334, 1092×1092 about 1,590. OpenAI vision guide: 1024×1024 is 765, 2048×4096 is 1,105, low is 85.
test.each([
  ["claude-opus-4-6", image(200, 200), 54],
  ["claude-opus-4-6", image(1_000, 1_000), 1_334],
  ["claude-opus-4-6", image(1_092, 1_092), 1_590],
  ["gpt-4o", image(1_024, 1_024), 765],
  ["gpt-4o", image(2_048, 4_096), 1_105],
  ["gpt-4o", image(4_096, 4_096, "low"), 85],
])("W-128 a picture for %s counts as the vendor's guide says", (model, part, tokens) => {
  expect(Math.abs(imageTokens(model, part) - tokens)).toBeLessThanOrEqual(1)
})

test("W-128 results of tools, calls, documents and pictures within results are counted; earlier thinking is not", () => {
  const words = "The quick brown fox jumps over the lazy dog. ".repeat(50)
  const tokens = o200k(words)
  const counted = (parts: readonly Part[]) => tokensOf(request([{ role: "user", parts }]), "glm-5.3") - tokensOf(request([{ role: "user", parts: [] }]), "glm-5.3")
  expect(counted([{ kind: "toolResult", callId: "a", name: null, content: [{ kind: "text", text: words }], failed: false }])).toBe(tokens)
  expect(counted([{ kind: "toolCall", id: "a", name: "f", arguments: words }])).toBe(tokens + 1)
  expect(counted([{ kind: "document", media: { kind: "text", text: words }, name: null }])).toBe(tokens)
  expect(counted([{ kind: "toolResult", callId: "a", name: null, content: [image(1_000, 1_000) as never], failed: false }])).toBe(1_334)
  expect(counted([{ kind: "reasoning", text: words }])).toBe(0)
})
