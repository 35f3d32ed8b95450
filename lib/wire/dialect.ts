/**
 * Wire formats. `cc` OpenAI chat completions, `rs` OpenAI responses, `am` Anthropic messages, `gm` Gemini generateContent,
 * `br` Bedrock converse (outbound only).
 */
export const dialects = ["cc", "rs", "am", "gm", "br"] as const

export type Dialect = (typeof dialects)[number]
