import type { ChildProcess } from "node:child_process"
import { createInstallation, type Installation, untilServed } from "../../e2e/fixtures/installation.ts"
import { ask, probeArguments, startChild, stopChild } from "./child.ts"
import { AM_MODEL, type BenchDialect, exchanges, MODEL, price, usage } from "./exchange.ts"
import type { Way } from "./report.ts"

const KEY = "sk-bench-key-brought-from-elsewhere-0001"
const UPSTREAM_KEY = "bench-upstream-key"

/** Where a way's calls go, what they speak and ask for, and the process whose CPU and memory are measured; null: there is none in between. */
export type Road = { readonly origin: string; readonly path: string; readonly key: string; readonly dialect: BenchDialect; readonly model: string; readonly process: ChildProcess | null }

export type Stage = {
  readonly roads: Readonly<Record<Way, Road>>
  readonly upstream: ChildProcess
  readonly load: ChildProcess
  readonly installation: Installation
  stop(): Promise<void>
}

/** Starts the upstream, the load generator, the bare pass-through and Turnpike on both mounts, each in a process of its own. */
export async function createStage(): Promise<Stage> {
  const upstream = startChild("upstream.ts")
  const upstreamOrigin = `http://127.0.0.1:${await ask<number>(upstream, "port")}`
  const load = startChild("load.ts")
  const bare = startChild("pass-through.ts", `${upstreamOrigin}/v1`)
  const bareOrigin = `http://127.0.0.1:${await ask<number>(bare, "port")}`
  const installation = await createInstallation()
  const environment = { TURNPIKE_LOG: "error" }
  const [fast, next] = await Promise.all((["fast", "next"] as const).map((mount) => installation.start({ mount, environment, nodeArguments: probeArguments })))
  await installation.apply(document(`${upstreamOrigin}/v1`))
  for (const server of [fast!, next!]) for (const model of [MODEL, AM_MODEL]) await untilServed(server, KEY, model)

  const gateway = (server: typeof fast, dialect: BenchDialect, model: string): Road => ({ origin: server!.origin, path: `/api/v1${exchanges[dialect].path}`, key: KEY, dialect, model, process: server!.child })
  const plain = { key: UPSTREAM_KEY, dialect: "cc", model: MODEL } as const
  return {
    roads: {
      direct: { origin: upstreamOrigin, path: "/v1/chat/completions", ...plain, process: null },
      bare: { origin: bareOrigin, path: "/chat/completions", ...plain, process: bare },
      fast: gateway(fast, "cc", MODEL),
      next: gateway(next, "cc", MODEL),
      ccToAm: gateway(fast, "cc", AM_MODEL),
      amToCc: gateway(fast, "am", MODEL),
    },
    upstream,
    load,
    installation,
    async stop() {
      await installation.stop()
      await Promise.all([load, bare, upstream].map(stopChild))
    },
  }
}

/** Everything on: two channels, so that failover stands ready, a wallet, a budget at each level, limits on the key. */
function document(baseUrl: string): object {
  const common = { baseUrl, credentials: [UPSTREAM_KEY], allowPrivateNetwork: true }
  const channel = { provider: "openai-compatible", models: [MODEL], ...common }
  const messages = { provider: "anthropic-compatible", models: [AM_MODEL], ...common }
  const budget = { amount: "1000000", period: "month" }
  const { input, cacheRead, output } = price
  if (Object.keys(usage).some((unit) => !(unit in price))) throw new Error("a unit of the benchmark has no price")
  return {
    version: 1,
    channels: [
      { name: "first", priority: 1, ...channel },
      { name: "second", priority: 2, ...channel },
      { name: "third", priority: 1, ...messages },
      { name: "fourth", priority: 2, ...messages },
    ],
    models: [MODEL, AM_MODEL].map((name) => ({ name, cost: { input: "0.60", cacheRead: "0.11", output: "2.20" }, price: { input, cacheRead, output } })),
    organizations: [
      {
        name: "Bench",
        kind: "internal",
        timeZone: "UTC",
        credit: "1000000",
        budget,
        memberBudget: budget,
        projects: [{ name: "web", budget }],
        members: [{ email: "bench@example.com", role: "owner", password: "a bench password of some length", budget }],
        keys: [
          {
            name: "bench",
            member: "bench@example.com",
            project: "web",
            secret: KEY,
            models: [MODEL, AM_MODEL],
            budget: { amount: "1000000", period: "total" },
            limits: { requestsPerMinute: 100_000_000, tokensPerMinute: 2_000_000_000, concurrent: 5_000 },
          },
        ],
      },
    ],
  }
}
