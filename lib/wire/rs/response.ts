import type { ChatUsage, Finish } from "../chat/answer.ts"
import type { EncodeContext } from "../chat/codec.ts"
import { wantsStored } from "./request.ts"
import { usageObject } from "./usage.ts"

export const rsResponseId = (id: string): string => `resp_${id}`

/** What a response repeats of its request, and the values that stand for what the request did not say (API reference, the response object). */
export function responseHead({ call, publicModel, responseId, createdAtSeconds }: EncodeContext): Readonly<Record<string, unknown>> {
  const { fields } = call
  const said = (name: string, otherwise: unknown = null): unknown => fields[name] ?? otherwise
  return {
    id: rsResponseId(responseId),
    object: "response",
    created_at: createdAtSeconds,
    background: false,
    error: null,
    instructions: said("instructions"),
    max_output_tokens: said("max_output_tokens"),
    max_tool_calls: said("max_tool_calls"),
    metadata: said("metadata", {}),
    model: publicModel,
    parallel_tool_calls: said("parallel_tool_calls", true),
    previous_response_id: said("previous_response_id"),
    ...("prompt_cache_key" in fields && { prompt_cache_key: fields["prompt_cache_key"] }),
    reasoning: said("reasoning", { effort: null, summary: null }),
    safety_identifier: said("safety_identifier"),
    service_tier: said("service_tier", "default"),
    store: wantsStored(call),
    temperature: said("temperature", 1),
    text: said("text", { format: { type: "text" } }),
    tool_choice: said("tool_choice", "auto"),
    tools: said("tools", []),
    top_logprobs: said("top_logprobs", 0),
    top_p: said("top_p", 1),
    truncation: said("truncation", "disabled"),
    user: said("user"),
  }
}

export type Ended = { readonly status: "completed" | "incomplete"; readonly incomplete_details: { readonly reason: string } | null }

/** W-92: what made an answer incomplete; a refusal is a filter's to OpenAI (W-87, W-88). */
export function endedAs({ reason }: Pick<Finish, "reason">): Ended {
  switch (reason) {
    case "length":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }
    case "filtered":
    case "refused":
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } }
    case "stop":
    case "toolCalls":
    case "pause":
    case "incomplete":
      return { status: "completed", incomplete_details: null }
  }
}

/** What a response gains at its end. */
export const responseEnd = (finish: Finish, usage: ChatUsage | null, output: readonly object[]): Readonly<Record<string, unknown>> => ({
  ...endedAs(finish),
  output,
  usage: usage === null ? null : usageObject(usage.counts, usage.reasoningTokens),
  ...(usage?.counts.serviceTier !== undefined && { service_tier: usage.counts.serviceTier }),
  ...(finish.limit !== undefined && { turnpike: { limit: finish.limit } }),
})
