import { setTimeout as delay } from "node:timers/promises"
import type { Place } from "#components/first-call/place.ts"
import type { Mount } from "#e2e/fixtures/installation.ts"
import { chargeOf, createStage, keys, price, type Stage, type Upstream } from "#e2e/gateway/stage.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { startOutside } from "./outside.ts"
import { openWorkspace, type Setting, type Workspace } from "./workspace.ts"

const BOOKED_MS_MAX = 15_000
/** Agents share two cores with the simulator, whose silence is not what is tested here. */
const UPSTREAM_SECONDS_MAX = 60

type Channel = Upstream & { readonly upstreamName?: string }

/** The channels that every agent works over, by the public name of the model behind each. An upstream name tells what the model can: think in secret. */
export const channels = {
  "some-chat": { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
  "some-responses": { provider: "openai-compatible", vendor: "responses", dialect: "rs", upstreamName: "gpt-5.4-sim" },
  "claude-sonnet-5": { provider: "anthropic", vendor: "anthropic", dialect: "am" },
  "gemini-3.8-flash": { provider: "gemini", vendor: "gemini", dialect: "gm" },
  "glm-5.3": { provider: "zhipu-coding", vendor: "zhipu-coding", dialect: "cc" },
} as const satisfies Record<string, Channel>

export type ChannelModel = keyof typeof channels
export const channelModels = Object.keys(channels) as ChannelModel[]

/** What agents' small calls go to: it can search. */
export const smallModel = "gemini-3.8-flash" satisfies ChannelModel

/** A Turnpike on both mounts with a channel of every kind, and nothing beyond the machine. */
export type AgentStage = {
  readonly stage: Stage
  /** Where the snippets have to point. */
  place(mount: Mount, model: string): Place
  /** A folder for an agent to work in, gone with the next `reset`. */
  open(setting: Setting): Promise<Workspace>
  /** What the simulator reported since the last `reset`, and what stands in the books, call by call in no order. Waits for the flusher. */
  books(): Promise<{ readonly reported: readonly string[]; readonly booked: readonly string[] }>
  reset(): Promise<void>
  stop(): Promise<void>
}

export async function createAgentStage(more: Readonly<Record<string, Channel>> = {}): Promise<AgentStage> {
  const elsewhere: Readonly<Record<string, Channel>> = { ...channels, ...more }
  const upstreamNames = Object.fromEntries(Object.entries(elsewhere).map(([name, { upstreamName = name }]) => [name, upstreamName]))
  const [stage, outside] = await Promise.all([createStage({ plain: Object.keys(elsewhere), backed: [], elsewhere, upstreamNames, upstreamSeconds: UPSTREAM_SECONDS_MAX, priced: { [smallModel]: { ...price, search: "0.014" } } }), startOutside()])
  const { simulator, installation, servers } = stage
  const workspaces: Workspace[] = []
  /** By when a call came in, not by what was booked before: a call that nobody waited for is booked into the next test's time. */
  let since = new Date()

  const bookedSince = async () =>
    (await installation.query<{ usage: Usage; charged_nano_usd: string }>("SELECT usage, charged_nano_usd FROM usage_record WHERE NOT (endpoint LIKE '%ount_tokens' AND charged_nano_usd = 0) AND admitted_at >= $1", [since])).map(({ usage, charged_nano_usd: charged }) => entry(usage, BigInt(charged)))

  return {
    stage,
    place: (mount, model) => ({ origin: servers[mount].origin, secret: keys.open, model, smallModel, prompt: "" }),

    async open(setting) {
      const workspace = await openWorkspace(setting, { simulator, outside })
      workspaces.push(workspace)
      return workspace
    },

    async books() {
      const reported = simulator.exchanges.flatMap(({ reportedUsage }) => (reportedUsage === null ? [] : [entry(reportedUsage, chargeOf(reportedUsage))])).sort()
      let booked = await bookedSince()
      for (let waitedMs = 0; booked.length < reported.length && waitedMs < BOOKED_MS_MAX; waitedMs += 100) {
        await delay(100)
        booked = await bookedSince()
      }
      return { reported, booked: [...booked].sort() }
    },

    async reset() {
      await Promise.all(workspaces.splice(0).map((workspace) => workspace.remove()))
      since = new Date()
      simulator.reset()
      outside.reset()
    },

    async stop() {
      await stage.stop()
      await outside.close()
    },
  }
}

/** What one call used and cost, as a line. Providers report no calls; the books count them. */
function entry(usage: Usage, chargedNanoUsd: bigint): string {
  const counted = Object.entries(usage).filter(([unit, count]) => unit !== "call" && typeof count === "number" && count !== 0)
  return `${counted.map(([unit, count]) => `${unit} ${count}`).sort().join(", ")}: ${chargedNanoUsd} nano-USD`
}
