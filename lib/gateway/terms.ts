import type { GatewayConfig, Principal } from "./types.ts"

/** The snapshot as one caller sees it: the models that its organization may call, at what it pays for them. */
export const configFor = (config: GatewayConfig, { organizationId, planId }: Pick<Principal, "organizationId" | "planId">): GatewayConfig =>
  config.terms.get(organizationId) ?? (planId === null ? undefined : config.terms.get(planId)) ?? config
