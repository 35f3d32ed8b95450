import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { openaiPython } from "#components/first-call/programs.ts"
import { mounts } from "#e2e/gateway/stage.ts"
import { type AgentStage, channelModels, createAgentStage } from "./agent-stage.ts"
import { runProgram } from "./run-agent.ts"
import { versions } from "./versions.ts"

/** OpenAI's package for Python makes the first call as pages show it; it is no dependency of this repository, so it is installed here. */
const VERSION = versions["OpenAI's package for Python"]
const INSTALL_MS_MAX = 5 * 60_000
const RUN_MS_MAX = 60_000
const folder = join(tmpdir(), "turnpike-agents", `openai-python-${VERSION}`)

let agents: AgentStage
beforeAll(async () => {
  agents = await createAgentStage()
  if (existsSync(join(folder, "openai"))) return
  await mkdir(folder, { recursive: true })
  const { code, output } = await runProgram("python3", ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", folder, `openai==${VERSION}`], { cwd: folder, environment: process.env, msMax: INSTALL_MS_MAX })
  if (code !== 0) throw new Error(`pip could not install openai ${VERSION}:\n${output}`)
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

test.each(mounts.flatMap((mount) => channelModels.map((model) => ({ mount, model }))))("OpenAI's package for Python is answered over $model on the $mount mount by the snippet that pages show", async ({ mount, model }) => {
  agents.stage.simulator.decide(() => ({ answer: { text: "Toll paid." } }))
  const [{ code } = { code: "" }] = openaiPython({ ...agents.place(mount, model), prompt: "Say hello" })
  const { code: exitCode, output } = await runProgram("python3", ["-c", code], { cwd: folder, environment: { PYTHONPATH: folder }, msMax: RUN_MS_MAX })
  expect([exitCode, output]).toEqual([0, "Toll paid.\n"])
  expect(agents.stage.simulator.exchanges[0]?.bodyText).toContain("Say hello")
  const { reported, booked } = await agents.books()
  expect(booked).toEqual(reported)
})
