import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { reachableModel } from "./models.ts"
import { mayReach } from "./route.ts"
import type { GatewayConfig, Principal, PublicModel } from "./types.ts"

const LIMIT_DEFAULT = 20
const LIMIT_MAX = 1_000

/** Anthropic's model object (https://docs.anthropic.com/en/api/models-list); what is not known is null. */
export type AnthropicModel = {
  readonly id: string
  readonly type: "model"
  readonly display_name: string
  readonly created_at: string
  readonly max_input_tokens: number | null
  readonly max_tokens: number | null
}

export type AnthropicModelPage = { readonly data: readonly AnthropicModel[]; readonly has_more: boolean; readonly first_id: string | null; readonly last_id: string | null }

/** A page of the models that this key may call through Anthropic messages, by name: `limit` of them, behind `after_id` or before `before_id`. */
export function listAnthropicModels(query: URLSearchParams | null, principal: Principal, config: GatewayConfig): Result<AnthropicModelPage, GatewayError> {
  const limit = Number(query?.get("limit") ?? LIMIT_DEFAULT)
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return err({ code: "invalid_request", message: `limit: must be a whole number from 1 to ${LIMIT_MAX}.`, param: "limit" })
  const all = [...config.models.keys()].sort().flatMap((name) => findAnthropicModel(name, principal, config) ?? [])
  const before = query?.get("before_id")
  const after = query?.get("after_id")
  const rest = typeof before === "string" ? all.filter(({ id }) => id < before) : typeof after === "string" ? all.filter(({ id }) => id > after) : all
  const data = typeof before === "string" ? rest.slice(-limit) : rest.slice(0, limit)
  return ok({ data, has_more: rest.length > data.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null })
}

/** One model, or null where it does not exist, this key may not use it, or no channel of it speaks Anthropic messages. */
export function findAnthropicModel(name: string, principal: Principal, config: GatewayConfig): AnthropicModel | null {
  const model = reachableModel(name, principal, config)
  return model !== null && model.targets.some(({ channel }) => channel.endpoints.am !== undefined && mayReach(principal, channel)) ? describe(model) : null
}

const describe = (model: PublicModel): AnthropicModel => ({
  id: model.name,
  type: "model",
  display_name: model.name,
  created_at: new Date(model.createdAtMs).toISOString(),
  max_input_tokens: model.contextTokens,
  max_tokens: model.outputTokensMax,
})
