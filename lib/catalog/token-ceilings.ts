/**
 * The most tokens that media in a prompt count for, over all vendors: what is held for them. Far more than most cost, since a hold is
 * given back when the answer's own count is known.
 */
export const tokenCeilings = {
  /** OpenAI: 10,000 patches at the original detail of GPT-5.4 (images and vision guide); Anthropic 4,784; Gemini 258 per tile. */
  perImage: 10_000,
  /** Base64 of audio: 10 to 32 tokens a second (OpenAI, Gemini), of at least 2,000 bytes a second (MP3 at 16 kbit/s). */
  perAudioByte: 1 / 16,
  /** Base64 of files: counted like text, since a PDF may be nothing else. */
  perFileByte: 1 / 2,
  /** What one search at the provider adds to the prompt (Anthropic's web search guide: 6,039 tokens in its example of one search). */
  perSearch: 10_000,
} as const
