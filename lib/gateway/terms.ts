import type { GatewayConfig, Principal } from "./types.ts"

/** Whose terms: a test key reaches the sandbox alone, whatever its organization's plan leaves out. */
type Caller = Pick<Principal, "organizationId" | "planId"> & { readonly test?: boolean }

/** The snapshot as one caller sees it: the models that its organization may call, at what it pays for them. */
export const configFor = (config: GatewayConfig, { organizationId, planId, test = false }: Caller): GatewayConfig =>
  test ? config : config.terms.get(organizationId) ?? (planId === null ? undefined : config.terms.get(planId)) ?? config
