/** What OpenAI-shaped clients ask for besides chat. The name stands in usage records; the path below a door has slashes for its dots. */
export const aroundOperations = [
  "completions",
  "embeddings",
  "moderations",
  "rerank",
  "images.generations",
  "images.edits",
  "images.variations",
  "audio.speech",
  "audio.transcriptions",
  "audio.translations",
] as const

export type AroundOperation = (typeof aroundOperations)[number]
