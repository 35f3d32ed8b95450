import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { createStage, keys, type Stage } from "#e2e/gateway/stage.ts"
import { installAgent, runAgent } from "./run-agent.ts"

const VERSION = "2.1.332"
const RUN_MS_MAX = 120_000

/** Public models by the kind of channel behind them. */
const elsewhere = {
  "gpt-5": { provider: "openai-compatible", vendor: "compatible", dialect: "cc" },
  "glm-5.3": { provider: "zhipu", vendor: "zhipu", dialect: "cc" },
} as const

let stage: Stage
let program: string
const folders: string[] = []
beforeAll(async () => {
  // The package's own program is put into place by a script that is not run: each platform's is a package of its own.
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  const [made, folder] = await Promise.all([createStage({ plain: ["gpt-5", "glm-5.3"], backed: [], elsewhere }), installAgent("@anthropic-ai/claude-code", VERSION)])
  stage = made
  program = join(folder, "node_modules", platform, "claude")
})
afterEach(async () => {
  stage.simulator.reset()
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})
afterAll(() => stage?.stop())

type Body = { readonly messages: readonly { readonly role: string }[]; readonly tools?: readonly { readonly function: { readonly name: string } }[] }
const toolNames = ({ body }: Exchange) => ((body as Body).tools ?? []).map((tool) => tool.function.name)

/** What the played model does to fix a file: reads it, changes it, and says so; `before` is what it does first. */
function fixing(file: string, before: readonly Behaviour[] = []): (exchange: Exchange) => Behaviour | null {
  const steps: readonly Behaviour[] = [
    ...before,
    { answer: { reasoning: "I read it first.", text: "Let me look.", toolCalls: [{ id: "call.read", name: "Read", arguments: JSON.stringify({ file_path: file }) }, { id: "call.list", name: "Bash", arguments: '{"command":"ls","description":"Lists files"}' }] } },
    { answer: { reasoning: "Now I change it.", toolCalls: [{ id: "call.edit", name: "Edit", arguments: JSON.stringify({ file_path: file, old_string: "teh", new_string: "the" }) }] } },
    { answer: { text: "The typo is fixed." } },
  ]
  return (exchange) => {
    const turnsTaken = (exchange.body as Body).messages.filter(({ role }) => role === "assistant").length
    return steps[Math.min(turnsTaken, steps.length - 1)] ?? null
  }
}

type Played = {
  readonly before?: readonly Behaviour[]
  /** What stands in the way of a call; null: nothing. */
  readonly trouble?: () => Behaviour | null
}

/** One run of `claude -p` in a folder with a typo. */
async function fixTypo(model: string, { before = [], trouble = () => null }: Played = {}) {
  const cwd = await mkdtemp(join(tmpdir(), "turnpike-claude-"))
  folders.push(cwd)
  const file = join(cwd, "notes.txt")
  await writeFile(file, "This is teh end.\n")
  const fix = fixing(file, before)
  stage.simulator.decide((exchange) => (toolNames(exchange).includes("Edit") ? (trouble() ?? fix(exchange)) : null))
  const environment = { ANTHROPIC_BASE_URL: `${stage.servers.fast.origin}/api`, ANTHROPIC_AUTH_TOKEN: keys.open, ANTHROPIC_DEFAULT_HAIKU_MODEL: model, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" }
  const words = ["-p", "Fix the typo in notes.txt", "--model", model, "--allowedTools", "Read,Edit,Bash,ToolSearch,WebSearch"]
  const { code, output } = await runAgent(program, words, { cwd, environment, msMax: RUN_MS_MAX })
  return { code, output, text: await readFile(file, "utf8"), exchanges: stage.simulator.exchanges.filter((exchange) => toolNames(exchange).includes("Edit")) }
}

test.each(["gpt-5", "glm-5.3", "claude-glm-5.3[1m]"])("W-118 W-130 Claude Code finishes a task with a file edit over chat completions, as %s", async (model) => {
  const { code, output, text, exchanges } = await fixTypo(model)
  expect(output).toContain("The typo is fixed.")
  expect([code, text]).toEqual([0, "This is the end.\n"])
  expect(exchanges).toHaveLength(3)
  expect(exchanges.every(({ path }) => path.endsWith("/chat/completions"))).toBe(true)
  const last = JSON.stringify(exchanges.at(-1)?.body)
  for (const id of ["call.read", "call.list", "call.edit"]) expect(last.split(`"tool_call_id":"${id}"`)).toHaveLength(2)
  expect(last).not.toContain("x-anthropic-billing-header")
  expect(last).not.toContain("cache_control")
})

test("W-126 a search that no channel can do is told to Claude Code, which goes on without it", async () => {
  const before: readonly Behaviour[] = [
    { answer: { toolCalls: [{ id: "call.tools", name: "ToolSearch", arguments: '{"query":"select:WebSearch","max_results":1}' }] } },
    { answer: { toolCalls: [{ id: "call.web", name: "WebSearch", arguments: '{"query":"spelling of the"}' }] } },
  ]
  const { code, text, exchanges } = await fixTypo("glm-5.3", { before })
  expect([code, text]).toEqual([0, "This is the end.\n"])
  expect(toolNames(exchanges[1]!)).toContain("WebSearch")
  expect(JSON.stringify(exchanges.at(-1)?.body)).toContain("tools[0].type cannot be used here")
})

test("W-131 an overload and a stream that breaks off are tried again, and the task is finished", async () => {
  const troubles: Behaviour[] = [{ refusal: { status: 503, message: "Too busy." } }, { delivery: { cut: { atFrame: 2, by: "end" } } }]
  const { code, text, exchanges } = await fixTypo("gpt-5", { trouble: () => troubles.shift() ?? null })
  expect([code, text, exchanges.length]).toEqual([0, "This is the end.\n", 5])
})
