export const modelKinds = ["embedding", "image", "transcription", "speech", "moderation", "rerank"] as const
/** What a model is for, where it is not chat. */
export type ModelKind = (typeof modelKinds)[number]

/** The first that is found in a model's lower-case name counts. Vendors' prefixes (`openai/`, `amazon.`) may stand before it. */
const names: readonly (readonly [RegExp, ModelKind])[] = [
  [/rerank/, "rerank"],
  [/embed|(?:^|[/.])(?:bge|gte|e5|multilingual-e5|voyage|nomic)-/, "embedding"],
  [/(?:chatgpt|gpt)-image|dall-e|(?:^|[/.])(?:flux|stable-|imagen-|cogview|seedream|doubao-seedream|qwen-image|grok-imagine-image)/, "image"],
  [/whisper|transcribe/, "transcription"],
  [/(?:^|-)tts(?:-|$)|orpheus/, "speech"],
  [/moderation/, "moderation"],
]

/** What a model is for by its name alone; undefined: chat. */
export const kindByName = (model: string): ModelKind | undefined => names.find(([pattern]) => pattern.test(model.toLowerCase()))?.[1]
