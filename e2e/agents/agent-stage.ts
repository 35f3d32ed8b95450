import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { chargeOf, createStage, keys, price, type Stage, type Upstream } from "#e2e/gateway/stage.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { startOutside } from "./outside.ts"
import { toolNames, turnsTaken } from "./played-turns.ts"
import { runAgent, throughProxy } from "./run-agent.ts"
import type { Place } from "./snippets.ts"

const RUN_MS_MAX = 120_000
const BOOKED_MS_MAX = 15_000

/** The channels that every agent works over, by the public name of the model behind each. */
export const channels = {
  "some-chat": { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
  "some-responses": { provider: "openai-compatible", vendor: "responses", dialect: "rs" },
  "claude-sonnet-5": { provider: "anthropic", vendor: "anthropic", dialect: "am" },
  "gemini-3.8-flash": { provider: "gemini", vendor: "gemini", dialect: "gm" },
  "glm-5.3": { provider: "zhipu-coding", vendor: "zhipu-coding", dialect: "cc" },
} as const satisfies Record<string, Upstream>

export type ChannelModel = keyof typeof channels
export const channelModels = Object.keys(channels) as ChannelModel[]

export type Task = {
  readonly program: string
  readonly words: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Files below the agent's home, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** The agent's own tool by which its turns are told from what it asks beside them (titles, summaries). */
  readonly tool: string
  /** What the played model says, turn by turn, to mend `file`. */
  readonly steps: (file: string) => readonly Behaviour[]
  /** What stands in the way of a turn; null: nothing. */
  readonly trouble?: () => Behaviour | null
}

export type Finished = {
  readonly code: number | null
  readonly output: string
  /** The file with the typo, afterwards. */
  readonly text: string
  /** The agent's turns, and what it asked beside them. */
  readonly turns: readonly Exchange[]
  readonly beside: readonly Exchange[]
}

/** A Turnpike with a channel of every kind, and nothing beyond the machine. */
export type AgentStage = {
  readonly stage: Stage
  /** Where the documents' snippets have to point. */
  place(model: string): Place
  /** Runs an agent in a folder of its own, where notes.txt has a typo. Throws where the agent asked for anything beyond the machine. */
  fixTypo(task: Task): Promise<Finished>
  /** What the simulator reported since the last `reset`, and what stands in the books, call by call in no order. Waits for the flusher. */
  books(): Promise<{ readonly reported: readonly string[]; readonly booked: readonly string[] }>
  reset(): Promise<void>
  stop(): Promise<void>
}

export async function createAgentStage(more: Readonly<Record<string, Upstream & { readonly upstreamName?: string }>> = {}): Promise<AgentStage> {
  const elsewhere: Readonly<Record<string, Upstream & { readonly upstreamName?: string }>> = { ...channels, ...more }
  const upstreamNames = Object.fromEntries(Object.entries(elsewhere).map(([name, { upstreamName = name }]) => [name, upstreamName]))
  const [stage, outside] = await Promise.all([createStage({ plain: Object.keys(elsewhere), backed: [], elsewhere, upstreamNames, priced: { "gemini-3.8-flash": { ...price, search: "0.014" } } }), startOutside()])
  const { simulator, installation, servers } = stage
  let bookedBefore = 0

  const bookedSince = async () =>
    (await installation.query<{ usage: Usage; charged_nano_usd: string }>("SELECT usage, charged_nano_usd FROM usage_record WHERE NOT (endpoint LIKE '%ount_tokens' AND charged_nano_usd = 0) ORDER BY id OFFSET $1", [bookedBefore])).map(({ usage, charged_nano_usd: charged }) => entry(usage, BigInt(charged)))

  return {
    stage,
    place: (model) => ({ origin: servers.fast.origin, secret: keys.open, model }),

    async fixTypo({ program, words, environment = {}, files = {}, tool, steps, trouble = () => null }) {
      const folder = await mkdtemp(join(tmpdir(), "turnpike-agent-"))
      const [home, cwd] = [join(folder, "home"), join(folder, "work")]
      const file = join(cwd, "notes.txt")
      const all = { [file]: "This is teh end.\n", ...Object.fromEntries(Object.entries(files).map(([path, text]) => [join(home, path), text])) }
      await mkdir(home)
      for (const [path, text] of Object.entries(all)) {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, text)
      }
      const isTurn = (exchange: Exchange) => toolNames(exchange).includes(tool)
      const said = steps(file)
      simulator.decide((exchange) => (isTurn(exchange) ? (trouble() ?? said[Math.min(turnsTaken(exchange), said.length - 1)] ?? null) : null))
      try {
        const { code, output } = await runAgent(program, words, { cwd, environment: { ...throughProxy(outside.url), HOME: home, ...environment }, msMax: RUN_MS_MAX })
        if (outside.asked.length > 0) throw new Error(`The agent wanted to leave the machine: ${outside.asked.join(", ")}\n${output}`)
        return { code, output, text: await readFile(file, "utf8"), turns: simulator.exchanges.filter(isTurn), beside: simulator.exchanges.filter((exchange) => !isTurn(exchange)) }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
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
      bookedBefore += (await bookedSince()).length
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
