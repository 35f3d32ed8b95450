import type { AroundOperation } from "#lib/wire/around/operations.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import type { FieldRule } from "./field-rule.ts"
import { guarded, guardedFields, type GuardedFields } from "./guarded-fields.ts"
import { account, hostedTool, otherModels, stored } from "./guarded-reasons.ts"

/** What any of them may have, at one vendor or another. */
const everywhere: readonly FieldRule[] = [
  { path: "service_tier", kind: "tier", harmless: ["auto", "default"], source: "OpenAI API reference, service_tier; Groq API reference, audio" },
  { path: "store", kind: "refuse", why: account, source: "OpenAI API reference, store" },
  { path: "metadata", kind: "refuse", why: account, source: "OpenAI API reference, metadata" },
  { path: "background", kind: "refuse", why: account, source: "OpenAI API reference, responses, background", harmless: ["auto", "transparent", "opaque"] },
  { path: "models", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "fallbacks", kind: "refuse", why: otherModels, source: "LiteLLM documentation, fallbacks" },
  { path: "route", kind: "refuse", why: otherModels, source: "OpenRouter documentation, model routing" },
  { path: "provider", kind: "refuse", why: otherModels, source: "OpenRouter documentation, provider routing" },
  { path: "plugins", kind: "refuse", why: hostedTool, source: "OpenRouter documentation, plugins" },
  { path: "preset", kind: "refuse", why: stored, source: "OpenRouter documentation, presets" },
]

/** Of an image call what costs money (`n`, `size`, `quality`, `partial_images`) is read, held and priced (lib/wire/around/images.ts). */
const images: readonly FieldRule[] = [
  ...everywhere,
  { path: "output_format", kind: "refuse", why: "another model writes it and is billed beside", harmless: ["png", "webp", "jpeg", "gif"], source: "OpenAI API reference, images, svg_usage" },
  { path: "images[].file_id", kind: "refuse", why: stored, source: "OpenAI API reference, images, edit" },
  { path: "image[].file_id", kind: "refuse", why: stored, source: "OpenAI API reference, images, edit" },
  { path: "image.file_id", kind: "refuse", why: stored, source: "OpenAI API reference, images, edit" },
  { path: "mask.file_id", kind: "refuse", why: stored, source: "OpenAI API reference, images, edit" },
]
const imagesOwned = ["model", "prompt", "n", "size", "quality", "stream", "partial_images", "image", "images", "mask"] as const

const transcripts: readonly FieldRule[] = [
  ...everywhere,
  { path: "url", kind: "refuse", why: "its length cannot be known before it is billed; send the file", source: "Groq API reference, audio, url" },
]
const transcriptsOwned = ["model", "file", "prompt", "response_format", "stream"] as const

const text = guarded(everywhere, ["model", "input"])

/** The rules of each operation around chat, by the top-level field that they begin with. */
export const guardedAround: Readonly<Record<AroundOperation, GuardedFields>> = {
  completions: guardedFields.cc,
  embeddings: text,
  moderations: text,
  rerank: guarded(everywhere, ["model", "query", "documents"]),
  "images.generations": guarded(images, imagesOwned),
  "images.edits": guarded(images, imagesOwned),
  "images.variations": guarded(images, imagesOwned),
  "audio.speech": guarded([...everywhere, { path: "voice.id", kind: "refuse", why: stored, source: "OpenAI API reference, audio, createSpeech, voice" }], ["model", "input", "instructions", "stream_format", "response_format"]),
  "audio.transcriptions": guarded(transcripts, transcriptsOwned),
  "audio.translations": guarded(transcripts, transcriptsOwned),
}

const byDialect: Partial<Readonly<Record<Dialect, GuardedFields>>> = guardedFields

/** The rules of a call: of its operation around chat, or of chat in its dialect. Undefined: a dialect without rules. */
export const guardedFieldsOf = (dialect: Dialect, operation: AroundOperation | undefined): GuardedFields | undefined => (operation === undefined ? byDialect[dialect] : guardedAround[operation])
