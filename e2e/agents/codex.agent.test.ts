import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { createInstallation, type Installation, type RunningServer, untilServed } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"
import type { VendorId } from "#e2e/fixtures/vendors.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { installAgent, runAgent } from "./run-agent.ts"

/** Codex writes a file and edits it, over channels of every kind (W-133). */
const VERSION = "0.169.0"
const RUN_MS_MAX = 120_000
const KEY = "sk-e2e-codex-key-brought-from-elsewhere"

type Kind = { readonly provider: string; readonly vendor: VendorId; readonly dialect: Dialect; readonly upstream: string }

/** Codex has other tools for models that it knows (`gpt-5.6-terra`, `gpt-6-sol`): one custom tool that runs the rest. */
const kinds = {
  "glm-5.3": { provider: "openai-compatible", vendor: "zhipu", dialect: "cc", upstream: "glm-5.3" },
  "some-chat": { provider: "openai-compatible", vendor: "compatible", dialect: "cc", upstream: "some-chat" },
  "some-claude": { provider: "anthropic", vendor: "anthropic", dialect: "am", upstream: "some-claude" },
  "gpt-5.1": { provider: "openai", vendor: "responses", dialect: "rs", upstream: "gpt-5.1" },
  "gpt-6-sol": { provider: "openai-compatible", vendor: "zhipu", dialect: "cc", upstream: "glm-5.3-air" },
  "gpt-5.6-terra": { provider: "anthropic", vendor: "anthropic", dialect: "am", upstream: "claude-of-terra" },
} as const satisfies Record<string, Kind>

const patch = "*** Begin Patch\n*** Update File: hello.txt\n@@\n-hello\n+hello, world\n*** End Patch\n"

let simulator: ProviderSimulator
let installation: Installation
let server: RunningServer
let codex: string

beforeAll(async () => {
  codex = join(await installAgent("@openai/codex", VERSION), "node_modules", ".bin", "codex")
  simulator = await startProviderSimulator()
  installation = await createInstallation()
  server = await installation.start({ mount: "fast" })
  const models = Object.entries<Kind>(kinds)
  await installation.apply({
    version: 1,
    channels: models.map(([name, { provider, vendor, dialect, upstream }]) => ({ name, provider, baseUrl: simulator.baseUrl(vendor, dialect), credentials: [`sim-${name}`], models: [{ name, upstream }], allowPrivateNetwork: true })),
    models: models.map(([name]) => ({ name, cost: { input: "0.60", output: "2.20" }, price: { input: "0.60", output: "2.20" } })),
    organizations: [{ name: "Acme", kind: "internal", credit: "100", members: [{ email: "ann@acme.example", role: "owner", password: "a password of the agents' stage" }], keys: [{ name: "open", member: "ann@acme.example", secret: KEY }] }],
  })
  await untilServed(server, KEY, "some-chat")
})
afterEach(() => simulator.reset())
afterAll(async () => {
  await installation?.stop()
  await simulator?.close()
})

/** What the played model does: writes the file, edits it, and says that it is done. */
function act({ body }: Exchange, turn: number): Behaviour {
  const tools = ((body as { tools?: readonly { name?: string; function?: { name: string } }[] }).tools ?? []).map((tool) => tool.function?.name ?? tool.name)
  const call = (name: string, input: object): Behaviour => ({ answer: { reasoning: "Hm.", toolCalls: [{ id: `call_${turn}`, name, arguments: JSON.stringify(input) }] } })
  if (turn > 2) return { answer: { text: "Done: the file says hello, world." } }
  if (tools.includes("functions__exec")) {
    const script = turn === 1 ? String.raw`text(await tools.exec_command({cmd: "printf 'hello\\n' > hello.txt"}))` : `text(await tools.apply_patch(${JSON.stringify(patch)}))`
    return call("functions__exec", { input: script })
  }
  return call("exec_command", { cmd: turn === 1 ? String.raw`printf 'hello\n' > hello.txt` : `apply_patch <<'END'\n${patch}END` })
}

test.each(Object.keys(kinds))("W-133 Codex finishes a task with a file edit over %s, and says nothing of its machine to the provider", async (model) => {
  let turn = 0
  simulator.decide((exchange) => act(exchange, ++turn))
  const provider = `{name="Turnpike",base_url="${server.origin}/api/v1",env_key="TURNPIKE_KEY",wire_api="responses"}`
  const parameters = ["exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-m", model, "-c", "model_provider=turnpike", "-c", `model_providers.turnpike=${provider}`, "Write hello.txt"]
  const folder = await mkdtemp(join(tmpdir(), "turnpike-codex-"))
  const [cwd, home] = [join(folder, "work"), join(folder, "home")]
  try {
    await Promise.all([cwd, home].map((one) => mkdir(one)))
    const { code, output } = await runAgent(codex, parameters, { cwd, environment: { CODEX_HOME: home, TURNPIKE_KEY: KEY }, msMax: RUN_MS_MAX })
    expect(output).toContain("turn.completed")
    expect(code).toBe(0)
    expect(await readFile(join(cwd, "hello.txt"), "utf8")).toBe("hello, world\n")
    expect(simulator.exchanges).toHaveLength(3)
    expect(simulator.exchanges.every(({ status, outcome }) => status === 200 && outcome === "complete")).toBe(true)
    expect(JSON.stringify(simulator.exchanges.map(({ headers, body }) => ({ headers, body })))).not.toMatch(/x-codex|installation_id|client_metadata/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
