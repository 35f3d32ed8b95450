import { type CloudKind, cloudChannel } from "#e2e/fixtures/clouds/cloud-channels.ts"
import { type CloudSimulator, startCloudSimulator } from "#e2e/fixtures/clouds/cloud-simulator.ts"
import { createInstallation, type Installation, type Mount, type RunningServer, untilServed } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"
import type { VendorId } from "#e2e/fixtures/vendors.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"

export const mounts = ["fast", "next"] as const satisfies readonly Mount[]

/** Keys of the installation, brought from elsewhere so that tests know them. */
export const keys = {
  open: "sk-e2e-open-key-brought-from-elsewhere",
  small: "sk-e2e-small-budget-brought-from-elsewhere",
  slow: "sk-e2e-one-per-minute-brought-from-elsewhere",
  narrow: "sk-e2e-one-model-brought-from-elsewhere",
  doomed: "sk-e2e-to-be-revoked-brought-from-elsewhere",
} as const

export const upstreamSecret = "sim-upstream-credential-of-the-e2e-stage"

/** How long a provider may be silent on a stage: before its answer and within it. */
export const upstreamSecondsMax = 4

/** Dollars per million tokens, and the same in nano-USD per token: 0.72 dollars per million are 720 nano-dollars each. */
export const price = { input: "0.72", cacheRead: "0.13", cacheWrite5m: "0.90", cacheWrite1h: "1.44", output: "2.64" }
const nanoUsdPerToken = { input: 720n, cacheRead: 130n, cacheWrite5m: 900n, cacheWrite1h: 1_440n, output: 2_640n, reasoning: 2_640n } as const

/** What a call must cost, worked out apart from the program. */
export function chargeOf(usage: Usage): bigint {
  return Object.entries(nanoUsdPerToken).reduce((sum, [unit, rate]) => sum + rate * BigInt(usage[unit as keyof typeof nanoUsdPerToken] ?? 0), 0n)
}

export type Stage = {
  readonly simulator: ProviderSimulator
  readonly clouds: CloudSimulator
  readonly installation: Installation
  readonly servers: Readonly<Record<Mount, RunningServer>>
  stop(): Promise<void>
}

/** The kind of channel that every model of a stage has, and the simulated vendor or cloud behind it. */
export type Upstream = { readonly provider: string; readonly vendor: VendorId; readonly dialect: ClientDialect } | { readonly cloud: CloudKind }

const compatible: Upstream = { provider: "openai-compatible", vendor: "compatible", dialect: "cc" }

type Models = {
  readonly plain: readonly string[]
  readonly backed: readonly string[]
  /** Models whose channel is of another kind; each is one of `plain`. */
  readonly elsewhere?: Readonly<Record<string, Upstream>>
  /** Models that cost what is given here instead: cost and price are the same. */
  readonly priced?: Readonly<Record<string, object>>
  /** Names of upstream models, where they are not made of the public name. */
  readonly upstreamNames?: Readonly<Record<string, string>>
  /** Instead of `upstreamSecondsMax`. */
  readonly upstreamSeconds?: number
}

/**
 * One PostgreSQL, one simulator, and a process on each mount. Every name of `models` is a public model with a channel and a credential of its
 * own, so that one test's faults do not open another's circuit breaker; `backed` ones have a second channel behind the first.
 */
export async function createStage(models: Models, upstream: Upstream = compatible): Promise<Stage> {
  const [simulator, installation] = await Promise.all([startProviderSimulator(), createInstallation()])
  const clouds = await startCloudSimulator(simulator)
  const stop = async () => {
    await installation.stop()
    await clouds.close()
    await simulator.close()
  }
  try {
    const seconds = String(models.upstreamSeconds ?? upstreamSecondsMax)
    const environment = { TURNPIKE_BODY_LIMIT_MB: "2", TURNPIKE_UPSTREAM_HEAD_SECONDS: seconds, TURNPIKE_UPSTREAM_IDLE_SECONDS: seconds }
    const fast = await installation.start({ mount: "fast", environment })
    const next = await installation.start({ mount: "next", environment })
    await installation.apply(document({ simulator, clouds }, models, upstream))
    await Promise.all([fast, next].map((server) => untilServed(server, keys.open, models.plain[0]!)))
    return { simulator, clouds, installation, servers: { fast, next }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function document(world: Pick<Stage, "simulator" | "clouds">, { plain, backed, elsewhere = {}, priced = {}, upstreamNames = {} }: Models, upstream: Upstream): object {
  const channel = (name: string, model: string, upstreamModel: string, priority: number) => ({
    name,
    ...placeOf(elsewhere[model] ?? upstream, name, world),
    models: [{ name: model, upstream: upstreamModel }],
    priority,
    allowPrivateNetwork: true,
  })
  const all = [...plain, ...backed]
  return {
    version: 1,
    channels: [...all.map((model) => channel(model, model, upstreamNames[model] ?? `${model}-upstream`, 1)), ...backed.map((model) => channel(`${model}-second`, model, `${model}-second`, 2))],
    models: all.map((name) => (priced[name] === undefined ? { name, cost: { input: "0.60", cacheRead: "0.11", output: "2.20" }, price } : { name, cost: priced[name], price: priced[name] })),
    organizations: [
      {
        name: "Acme",
        kind: "internal",
        timeZone: "UTC",
        credit: "1000",
        members: [{ email: "ann@acme.example", role: "owner", password: "a password of the e2e stage" }],
        keys: [
          { name: "open", member: "ann@acme.example", secret: keys.open },
          { name: "small", member: "ann@acme.example", secret: keys.small, budget: { amount: "0.01", period: "total" } },
          { name: "slow", member: "ann@acme.example", secret: keys.slow, limits: { requestsPerMinute: 1 } },
          { name: "narrow", member: "ann@acme.example", secret: keys.narrow, models: [all[0]] },
          { name: "doomed", member: "ann@acme.example", secret: keys.doomed },
        ],
      },
    ],
  }
}

/** Where a channel leads, and as whom it calls there. */
function placeOf(upstream: Upstream, name: string, { simulator, clouds }: Pick<Stage, "simulator" | "clouds">): object {
  if ("cloud" in upstream) return cloudChannel(clouds, upstream.cloud)
  const { provider, vendor, dialect } = upstream
  const url = simulator.baseUrl(vendor, dialect)
  // To a compatible provider a base URL means chat completions; what else it speaks the channel says.
  const place = provider === "openai-compatible" && dialect !== "cc" ? { endpoints: { [dialect]: url } } : { baseUrl: url }
  return { provider, ...place, credentials: [`${upstreamSecret}-${name}`] }
}
