/**
 * Prices that the catalogue's packages have wrong, read from the vendors' own pages: scripts/update-catalog.mjs puts them over the
 * packages' rows. Look at each again with every update, and remove those that the packages have learnt.
 */
const deepseek = "https://api-docs.deepseek.com/quick_start/pricing (2026-11-25)"
const xai = "https://docs.x.ai/developers/pricing (2026-11-25)"

/** Peak hours are those of Monday to Friday, which no package says. Chinese public holidays, without a peak too, cannot be said here. */
const peak = (rates) =>
  [["01:00", "04:00"], ["06:00", "10:00"]].map(([from, to]) => ({ days: ["mon", "tue", "wed", "thu", "fri"], from, to, timeZone: "UTC", ...rates }))

const flash = { input: "0.15", cacheRead: "0.003", output: "0.6", schedule: peak({ input: "0.3", cacheRead: "0.006", output: "1.2" }) }

export const pricesOfPages = [
  { seller: "deepseek", id: "deepseek-flash", source: deepseek, price: flash },
  { seller: "deepseek", id: "deepseek-v4-pro", source: deepseek, price: { input: "0.66", cacheRead: "0.022", output: "1.98", schedule: peak({ input: "1.32", cacheRead: "0.044", output: "3.96" }) } },
  // “Long context ≥ 200k tokens”: the packages have it begin one token later.
  { seller: "xai", id: "grok-4.7", source: xai, price: { input: "2", output: "6", cacheRead: "0.5", tiers: [{ from: 200_000, input: "4", output: "12", cacheRead: "1" }] } },
]

const genai = "@pydantic/genai-prices@0.1.8"
const openai = (page) => `https://developers.openai.com/api/docs/models/${page} (2026-11-25)`
/** Cohere's own pages name the search unit and no price for it; this one names both. */
const cohere = "https://developer.puter.com/tutorials/cohere-api-pricing/ (2026-11-25)"

/** Models around chat that no package lists, in the units in which their vendors bill them. */
export const modelsOfPages = [
  { seller: "openai", id: "whisper-1", name: "Whisper", input: ["audio"], price: { second: "0.0001" }, source: openai("whisper-1") },
  { seller: "openai", id: "gpt-4o-transcribe", name: "GPT-4o Transcribe", context: 16_000, output: 2_000, input: ["audio", "text"], price: { input: "2.5", output: "10", inputAudio: "6" }, source: genai },
  { seller: "openai", id: "gpt-4o-mini-transcribe", name: "GPT-4o mini Transcribe", context: 16_000, output: 2_000, input: ["audio", "text"], price: { input: "1.25", output: "5", inputAudio: "3" }, source: genai },
  { seller: "openai", id: "tts-1", name: "TTS-1", input: ["text"], price: { character: "0.000015" }, source: openai("tts-1") },
  { seller: "openai", id: "tts-1-hd", name: "TTS-1 HD", input: ["text"], price: { character: "0.00003" }, source: openai("tts-1-hd") },
  { seller: "openai", id: "gpt-4o-mini-tts", name: "GPT-4o mini TTS", context: 2_000, input: ["text"], price: { input: "0.6", outputAudio: "12" }, source: genai },
  { seller: "openai", id: "omni-moderation-latest", name: "omni-moderation", input: ["text", "image"], price: { input: "0" }, source: genai },
  { seller: "openai", id: "gpt-3.5-turbo-instruct", name: "GPT-3.5 Turbo Instruct", context: 4_096, output: 4_096, input: ["text"], price: { input: "1.5", output: "2" }, source: genai },
  { seller: "cohere", id: "rerank-v4.0-pro", name: "Rerank 4 Pro", context: 32_768, input: ["text"], price: { search: "0.0025" }, source: cohere },
  { seller: "cohere", id: "rerank-v4.0-fast", name: "Rerank 4 Fast", context: 32_768, input: ["text"], price: { search: "0.002" }, source: cohere },
  { seller: "cohere", id: "embed-v4.0", name: "Embed 4", context: 128_000, input: ["text", "image"], price: { input: "0.12", inputImage: "0.47" }, source: cohere },
]
