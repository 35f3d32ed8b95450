import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { lanes } from "#lib/wire/lanes.ts"
import { reachableModel } from "./models.ts"
import type { GatewayConfig, Principal, PublicModel } from "./types.ts"

const PAGE_SIZE_DEFAULT = 50
/** Gemini API reference, models.list: larger pages are cut to this. */
const PAGE_SIZE_MAX = 1_000

/** Google's model object (https://ai.google.dev/api/models); what is not known is absent. */
export type GeminiModel = {
  readonly name: string
  readonly baseModelId: string
  readonly version: string
  readonly displayName: string
  readonly inputTokenLimit?: number
  readonly outputTokenLimit?: number
  readonly supportedGenerationMethods: readonly string[]
}

export type GeminiModelPage = { readonly models: readonly GeminiModel[]; readonly nextPageToken?: string }

/** A page of the models that this key may call through generateContent, by name: `pageSize` of them, behind those that `pageToken` stands for. */
export function listGeminiModels({ query }: { readonly query: URLSearchParams | null }, principal: Principal, config: GatewayConfig): Result<GeminiModelPage, GatewayError> {
  const size = Number(query?.get("pageSize") ?? PAGE_SIZE_DEFAULT)
  if (!Number.isInteger(size) || size < 0) return err({ code: "invalid_request", message: `pageSize: must be a whole number from 1 to ${PAGE_SIZE_MAX}.`, param: "pageSize" })
  const pageSize = Math.min(size === 0 ? PAGE_SIZE_DEFAULT : size, PAGE_SIZE_MAX)
  const token = query?.get("pageToken") ?? ""
  const after = Buffer.from(token, "base64url").toString("utf8")
  if (Buffer.from(after, "utf8").toString("base64url") !== token) return err({ code: "invalid_request", message: "pageToken: must be the nextPageToken of the page before.", param: "pageToken" })
  const names = [...config.models.keys()].filter((name) => name > after).sort()
  const models = names.flatMap((name) => findGeminiModel(name, principal, config) ?? [])
  const page = models.slice(0, pageSize)
  const last = page.at(-1)
  return ok({ models: page, ...(last !== undefined && models.length > page.length && { nextPageToken: Buffer.from(last.baseModelId, "utf8").toString("base64url") }) })
}

/** One model, or null where it does not exist, this key may not use it, or no channel of it can be asked on behalf of Gemini's clients. */
export function findGeminiModel(name: string, principal: Principal, config: GatewayConfig): GeminiModel | null {
  const model = reachableModel(name, principal, config, [lanes.gm])
  return model === null ? null : describe(model)
}

const describe = (model: PublicModel): GeminiModel => ({
  name: `models/${model.name}`,
  baseModelId: model.name,
  version: "1",
  displayName: model.name,
  ...(model.contextTokens !== null && { inputTokenLimit: model.contextTokens }),
  ...(model.outputTokensMax !== null && { outputTokenLimit: model.outputTokensMax }),
  supportedGenerationMethods: ["generateContent", "countTokens"],
})
