import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { lanes } from "#lib/wire/lanes.ts"
import { meantName, offeredName } from "./model-names.ts"
import { reachableModel } from "./models.ts"
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

type ListOptions = {
  readonly query: URLSearchParams | null
  /** The client is Claude Code, which passes over other names than Claude's: each model has one that it offers (W-129). */
  readonly claudeNames: boolean
}

/** A page of the models that this key may call through Anthropic messages, by name: `limit` of them, behind `after_id` or before `before_id`. */
export function listAnthropicModels({ query, claudeNames }: ListOptions, principal: Principal, config: GatewayConfig): Result<AnthropicModelPage, GatewayError> {
  const limit = Number(query?.get("limit") ?? LIMIT_DEFAULT)
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return err({ code: "invalid_request", message: `limit: must be a whole number from 1 to ${LIMIT_MAX}.`, param: "limit" })
  const models = [...config.models.keys()].flatMap((name) => reachableModel(name, principal, config, [lanes.am]) ?? [])
  const all = models.map((model) => describe(model, claudeNames ? offeredName(model.name) : model.name)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const before = query?.get("before_id")
  const after = query?.get("after_id")
  const rest = typeof before === "string" ? all.filter(({ id }) => id < before) : typeof after === "string" ? all.filter(({ id }) => id > after) : all
  const data = typeof before === "string" ? rest.slice(-limit) : rest.slice(0, limit)
  return ok({ data, has_more: rest.length > data.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null })
}

/** One model by any name that messages take for it, or null where it does not exist, this key may not use it, or no channel of it answers messages. */
export function findAnthropicModel(asked: string, principal: Principal, config: GatewayConfig): AnthropicModel | null {
  const model = reachableModel(meantName(asked, (name) => config.models.has(name)), principal, config, [lanes.am])
  return model === null ? null : describe(model, asked)
}

const describe = (model: PublicModel, id: string): AnthropicModel => ({
  id,
  type: "model",
  display_name: model.name,
  created_at: new Date(model.createdAtMs).toISOString(),
  max_input_tokens: model.contextTokens,
  max_tokens: model.outputTokensMax,
})
