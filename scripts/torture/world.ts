import type { Usage } from "#lib/kernel/usage.ts"

/** What the torture's installation is made of: three organizations in three time zones, models with two channels each, keys of all kinds. */
export const models = ["plain", "steady", "loose"] as const
/** Asked in Anthropic's dialect. */
export const messagesModel = "claude"

export const zones = { Shanghai: "Asia/Shanghai", "New York": "America/New_York", London: "Europe/London" } as const
export type Organization = keyof typeof zones
export const organizations = Object.keys(zones) as readonly Organization[]

export const CREDIT_DOLLARS = 1

type KeySettings = { readonly budget?: { readonly amount: string; readonly period: string }; readonly limits?: object }

const keyKinds: Readonly<Record<string, KeySettings>> = {
  open: {},
  budgeted: { budget: { amount: "1.50", period: "day" } },
  limited: { limits: { requestsPerMinute: 100_000, tokensPerMinute: 100_000_000, concurrent: 6 } },
  doomed: {},
}

export const keyNames = Object.keys(keyKinds)
export const keyOf = (organization: Organization, name: string): string => `sk-torture-${organization.toLowerCase().replace(" ", "-")}-${name}-brought-from-elsewhere`

/** Nano-dollars per token, before and after the price is changed in the middle of the run. */
export const prices = [
  { input: 720n, cacheRead: 130n, output: 2_640n },
  { input: 960n, cacheRead: 170n, output: 3_300n },
] as const

const dollarsPerMillion = (nanoUsdPerToken: bigint): string => (Number(nanoUsdPerToken) / 1_000).toString()

/** What usage must cost at a price, worked out apart from the program. */
export function chargeOf(usage: Usage, { input, cacheRead, output }: (typeof prices)[number]): bigint {
  const { input: plain = 0, cacheRead: cached = 0, cacheWrite5m = 0, cacheWrite1h = 0, output: said = 0, reasoning = 0 } = usage
  return input * BigInt(plain + cacheWrite5m + cacheWrite1h) + cacheRead * BigInt(cached) + output * BigInt(said + reasoning)
}

/** The file that is applied; `generation` says which price holds. `baseUrl` gives the simulator's address per dialect. */
export function document(generation: 0 | 1, baseUrl: (dialect: "cc" | "am") => string): object {
  const { input, cacheRead, output } = prices[generation]
  const price = { input: dollarsPerMillion(input), cacheRead: dollarsPerMillion(cacheRead), output: dollarsPerMillion(output) }
  const all = [...models.map((name) => ({ name, dialect: "cc" as const })), { name: messagesModel, dialect: "am" as const }]
  return {
    version: 1,
    channels: all.flatMap(({ name, dialect }) =>
      [1, 2].map((priority) => ({
        name: `${name}-${priority}`,
        provider: dialect === "am" ? "anthropic-compatible" : "openai-compatible",
        baseUrl: baseUrl(dialect),
        credentials: [`sim-torture-${name}-${priority}`],
        models: [{ name, upstream: `${name}-upstream` }],
        priority,
        allowPrivateNetwork: true,
      })),
    ),
    models: all.map(({ name }) => ({ name, cost: { input: "0.60", cacheRead: "0.11", output: "2.20" }, price })),
    organizations: organizations.map((name) => ({
      name,
      kind: "internal",
      timeZone: zones[name],
      credit: CREDIT_DOLLARS.toFixed(2),
      budget: { amount: "4.00", period: "month" },
      members: [{ email: `ann@${name.toLowerCase().replace(" ", "-")}.example`, role: "owner", password: "a password of the torture", budget: { amount: "2.00", period: "day" } }],
      // The revoked key is not asked for again.
      keys: keyNames.filter((key) => generation === 0 || key !== "doomed").map((key) => ({ name: key, member: `ann@${name.toLowerCase().replace(" ", "-")}.example`, secret: keyOf(name, key), ...keyKinds[key] })),
    })),
  }
}
