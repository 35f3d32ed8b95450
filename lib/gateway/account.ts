import { completionTokens, promptTokens } from "#lib/kernel/usage.ts"
import type { Credits, Generation, KeyAccount } from "./ports.ts"

/*
 * OpenRouter's account endpoints in its own shapes (https://openrouter.ai/docs/api-reference: get-current-key, get-credits,
 * get-generation; read in November 2026). Amounts stay `bigint` until they are written as exact numbers.
 */

/** `GET /key`. */
export const keyObject = (key: KeyAccount) => ({
  data: {
    label: key.label,
    limit: key.limitNanoUsd,
    limit_remaining: key.limitRemainingNanoUsd,
    limit_reset: key.limitReset,
    include_byok_in_limit: false,
    usage: key.usageNanoUsd.total,
    usage_daily: key.usageNanoUsd.day,
    usage_weekly: key.usageNanoUsd.week,
    usage_monthly: key.usageNanoUsd.month,
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    is_free_tier: false,
    is_management_key: false,
    is_provisioning_key: false,
    creator_user_id: key.creatorUserId,
    expires_at: key.expiresAtMs === null ? null : new Date(key.expiresAtMs).toISOString(),
    rate_limit: { requests: -1, interval: "10s", note: "This field is deprecated and safe to ignore." },
  },
})

/** `GET /credits`. */
export const creditsObject = ({ creditedNanoUsd, usedNanoUsd }: Credits) => ({ data: { total_credits: creditedNanoUsd, total_usage: usedNanoUsd } })

/** `GET /generation`. What is not known is null: unknown is not zero. */
export function generationObject(generation: Generation) {
  const { usage } = generation
  return {
    data: {
      id: generation.requestId,
      upstream_id: generation.responseId,
      model: generation.model,
      provider_name: generation.providerId,
      created_at: new Date(generation.createdAtMs).toISOString(),
      streamed: generation.streamed,
      cancelled: generation.interrupted,
      finish_reason: generation.finish,
      native_finish_reason: generation.finish,
      total_cost: generation.chargedNanoUsd,
      usage: generation.chargedNanoUsd,
      upstream_inference_cost: null,
      cache_discount: null,
      latency: generation.firstByteMs,
      moderation_latency: null,
      generation_time: generation.durationMs,
      tokens_prompt: promptTokens(usage),
      tokens_completion: completionTokens(usage),
      native_tokens_prompt: promptTokens(usage),
      native_tokens_completion: completionTokens(usage),
      native_tokens_completion_images: usage.outputImage ?? null,
      native_tokens_reasoning: usage.reasoning ?? null,
      native_tokens_cached: usage.cacheRead ?? null,
      num_media_prompt: null,
      num_input_audio_prompt: null,
      num_media_completion: null,
      num_search_results: usage.search ?? null,
      origin: "",
      app_id: null,
      is_byok: false,
      external_user: null,
      api_type: "completions",
      router: null,
    },
  }
}
