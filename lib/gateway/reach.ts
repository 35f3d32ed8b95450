import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { ChannelConfig, GatewayConfig, Principal, PublicModel } from "./types.ts"

const SANDBOX_PROVIDER = "sandbox"

/**
 * The models that a key may use, by public name: allowed by its policy, with at least one target that it may reach. A test key
 * reaches the sandbox alone, which answers for any name.
 */
export function modelFor(name: string, principal: Principal, config: GatewayConfig): PublicModel | null {
  if (principal.allowedModels !== null && !principal.allowedModels.has(name)) return null
  const model = config.models.get(name)
  if (principal.test) {
    const sandbox = config.models.get(SANDBOX_MODEL)
    if (model !== undefined && model.targets.some((target) => isSandbox(target.channel))) return model
    return sandbox === undefined ? null : { ...sandbox, name, targets: sandbox.targets.map((target) => ({ ...target, upstreamModel: name })) }
  }
  return model !== undefined && model.targets.some((target) => mayReach(principal, target.channel)) ? model : null
}

/** Who may use a channel at all. Customers' traffic is resold, so only channels whose vendor allows that may carry it. */
export function mayReach(principal: Principal, channel: ChannelConfig): boolean {
  if (channel.organizationId !== null && channel.organizationId !== principal.organizationId) return false
  if (principal.test) return isSandbox(channel)
  return channel.resale || principal.organizationKind === "internal"
}

export const isSandbox = (channel: ChannelConfig): boolean => channel.providerId === SANDBOX_PROVIDER

export const modelNotFound = (name: string): GatewayError => ({
  code: "model_not_found",
  message: `The model “${name.slice(0, 100)}” does not exist, or this key may not use it. GET /models lists those that it may use.`,
  param: "model",
})
