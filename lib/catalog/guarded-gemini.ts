import type { FieldRule } from "./field-rule.ts"

const atProvider = "it runs at the provider, and what it costs cannot be known before"
const stored = "it names an object in the provider's account, which all tenants of this installation share"
const account = "it would be kept in the provider's account, which all tenants of this installation share"

/** Searches held for an answer: Gemini makes one to a few queries and names no bound (Google Search grounding guide). */
const SEARCHES_ASSUMED = 10

/** Public addresses that name nothing of the provider's account: neither its files nor a bucket of its cloud. */
const publicAddress = /^https:\/\/(?!(?:[\w-]+\.)*(?:googleapis\.com|storage\.cloud\.google\.com)[/:])/i

const reference = "Gemini API reference, models.generateContent"

/** Fields of generateContent, in camel case; each is guarded in both of its spellings. */
const rules: readonly FieldRule[] = [
  { path: "serviceTier", kind: "tier", harmless: ["standard", "unspecified", "SERVICE_TIER_STANDARD", "SERVICE_TIER_UNSPECIFIED"], source: `${reference}, serviceTier; @google/genai 3, ServiceTier and UsageMetadata.serviceTier` },
  { path: "cachedContent", kind: "refuse", why: stored, source: "Gemini API reference, context caching" },
  { path: "store", kind: "refuse", why: account, source: `${reference}, store` },
  { path: "contents[].parts[].fileData.fileUri", kind: "refuse", why: stored, unless: publicAddress, source: "Gemini API reference, files" },
  { path: "systemInstruction.parts[].fileData.fileUri", kind: "refuse", why: stored, unless: publicAddress, source: "Gemini API reference, files" },
  { path: "contents[].parts[].functionResponse.parts[].fileData.fileUri", kind: "refuse", why: stored, source: "Gemini API reference, files" },
  { path: "tools[]", kind: "members", names: ["functionDeclarations", "googleSearch", "googleSearchRetrieval", "computerUse"], why: atProvider, source: `${reference}, tools: codeExecution, urlContext, fileSearch, googleMaps and MCP servers run at the provider` },
  { path: "tools[].googleSearch", kind: "searching", assumed: SEARCHES_ASSUMED, source: "Gemini API pricing, grounding with Google Search" },
  { path: "tools[].googleSearchRetrieval", kind: "searching", assumed: SEARCHES_ASSUMED, source: "Gemini API pricing, grounding with Google Search" },
  { path: "generationConfig.responseModalities[]", kind: "priced", unit: "outputAudio", when: "AUDIO", source: "Gemini API pricing, speech generation" },
  { path: "generationConfig.responseModalities[]", kind: "priced", unit: "outputImage", when: "IMAGE", source: "Gemini API pricing, image generation" },
  { path: "generationConfig.responseModalities[]", kind: "refuse", why: "it has a price that is not known here", harmless: ["TEXT", "IMAGE", "AUDIO", "MODALITY_UNSPECIFIED"], source: "Gemini API pricing, video generation" },
  { path: "generationConfig.modelSelectionConfig", kind: "refuse", why: "it would let the provider answer with another model", source: "Gemini API reference, GenerationConfig" },
  { path: "generationConfig.routingConfig", kind: "refuse", why: "it would let the provider answer with another model", source: "Vertex AI reference, GenerationConfig" },
  { path: "labels", kind: "refuse", why: account, source: "Vertex AI reference, models.generateContent, labels" },
]

const owned = ["model", "contents", "systemInstruction", "generationConfig", "toolConfig", "safetySettings"]

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A path in every mixture of the two spellings of its steps: `contents[].parts[].file_data.fileUri` is one that Google takes. */
function spellings(path: string): readonly string[] {
  const steps = path.split(".").map((step) => [...new Set([step, snake(step)])])
  return steps.reduce<readonly string[]>((paths, ways) => paths.flatMap((before) => ways.map((way) => (before === "" ? way : `${before}.${way}`))), [""])
}

export const geminiRules: readonly FieldRule[] = rules.flatMap((rule) =>
  spellings(rule.path).map((path) => (rule.kind === "members" ? { ...rule, path, names: rule.names.flatMap(spellings) } : { ...rule, path })),
)

/** Fields that the gateway itself reads or writes. */
export const geminiOwned: readonly string[] = owned.flatMap(spellings)
