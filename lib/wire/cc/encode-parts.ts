import { completionTokens, promptTokens } from "#lib/kernel/usage.ts"
import type { ChatUsage } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import type { Citation, ImagePart } from "../chat/part.ts"
import type { Fields } from "../request-fields.ts"
import { urlOfMedia } from "./data-url.ts"

export const completionId = (id: string): string => `chatcmpl-${id}`

/** W-93, W-96: the prompt includes what was cached, the completion what was thought, and the total both. */
export function usageFields({ counts, reasoningTokens }: ChatUsage): Fields {
  const prompt = promptTokens(counts)
  const completion = completionTokens(counts)
  const written = sumOf(counts.cacheWrite5m, counts.cacheWrite1h)
  const promptDetails = { ...known("cached_tokens", counts.cacheRead), ...known("cache_write_tokens", written), ...known("audio_tokens", counts.inputAudio) }
  const completionDetails = { ...known("reasoning_tokens", reasoningTokens ?? counts.reasoning), ...known("audio_tokens", counts.outputAudio), ...known("image_tokens", counts.outputImage) }
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(Object.keys(promptDetails).length > 0 && { prompt_tokens_details: promptDetails }),
    ...(Object.keys(completionDetails).length > 0 && { completion_tokens_details: completionDetails }),
    // As OpenRouter counts searches; OpenAI has no word for them.
    ...(counts.search !== undefined && { server_tool_use: { web_search_requests: counts.search } }),
  }
}

const sumOf = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0))
const known = (name: string, value: number | undefined): Fields => (value === undefined ? {} : { [name]: value })

export const imageField = ({ media }: ImagePart, index: number): Fields => ({ type: "image_url", image_url: { url: urlOfMedia(media) }, index })

export const annotationField = ({ url, title, start, end }: Citation): Fields => ({ type: "url_citation", url_citation: { url, title, start_index: start ?? 0, end_index: end ?? 0 } })

/** The names of the request's custom tools: calls of theirs have plain input. */
export const customNames = ({ request }: EncodeContext): ReadonlySet<string> => new Set(request.tools.flatMap((tool) => (tool.kind === "custom" ? [tool.name] : [])))
