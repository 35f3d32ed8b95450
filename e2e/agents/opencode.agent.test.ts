import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import { type AgentStage, channelModels, createAgentStage } from "./agent-stage.ts"
import { callsAnswered } from "./played-turns.ts"
import { installAgent } from "./run-agent.ts"
import { exportsOf, type Place, readSnippet, readTable } from "./snippets.ts"

/** opencode reads a file and mends it, in each dialect that it speaks, over channels of every kind (W-136). */
const VERSION = "1.18.33"

let agents: AgentStage
let program: string
beforeAll(async () => {
  // The program of one platform: `opencode-ai` would bring those without AVX2 too, 170 MB each.
  const platform = `opencode-${process.platform}-${process.arch}`
  const [made, folder] = await Promise.all([createAgentStage(), installAgent(platform, VERSION)])
  agents = made
  program = join(folder, "node_modules", platform, "bin", "opencode")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const steps = (file: string): readonly Behaviour[] => [
  { answer: { reasoning: "I read it first.", text: "Let me look.", toolCalls: [{ id: "call_read", name: "read", arguments: JSON.stringify({ filePath: file }) }, { id: "call_list", name: "bash", arguments: '{"command":"ls","description":"Lists files"}' }] } },
  { answer: { reasoning: "Now I change it.", toolCalls: [{ id: "call_edit", name: "edit", arguments: JSON.stringify({ filePath: file, oldString: "teh", newString: "the" }) }] } },
  { answer: { text: "The typo is fixed." } },
]

const nowhere: Place = { origin: "", secret: "", model: "" }
const packages = readTable("opencode", nowhere).map(([npm = ""]) => npm)

/** opencode would fetch a package for plugins, of which there are none: this says that it is there. */
const pluginsThere = { "node_modules/.package-lock.json": "{}", "package-lock.json": '{"packages":{"":{"dependencies":{"@opencode-ai/plugin":"*"}}}}' }
const quiet = { OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_LSP_DOWNLOAD: "1" }

function fixTypo(npm: string, model: string) {
  const place = agents.place(model)
  const [, , baseURL = ""] = readTable("opencode", place).find(([name]) => name === npm) ?? []
  const config = JSON.parse(readSnippet("opencode", "json", place)) as { provider: { turnpike: { npm: string; options: { baseURL: string } } } }
  Object.assign(config.provider.turnpike, { npm })
  Object.assign(config.provider.turnpike.options, { baseURL })
  const files = Object.fromEntries(Object.entries({ "opencode.json": JSON.stringify(config), ...pluginsThere }).map(([name, text]) => [`.config/opencode/${name}`, text]))
  return agents.fixTypo({ program, words: ["run", "Fix the typo in notes.txt"], environment: { ...exportsOf(readSnippet("opencode", "sh", place)), ...quiet }, files, tool: "edit", steps })
}

test.each(packages.flatMap((npm) => channelModels.map((model) => [npm, model] as const)))("W-136 opencode with %s finishes a task with a file edit over %s, and the books say what it used", async (npm, model) => {
  const { code, output, text, turns, beside } = await fixTypo(npm, model)
  expect(output).toContain("The typo is fixed.")
  expect([code, text, turns.length, beside.length]).toEqual([0, "This is the end.\n", 3, 1])
  // Vercel's package for Google sends no ids back.
  expect(new Set(callsAnswered(turns[2]!)).size).toBe(3)
  const { reported, booked } = await agents.books()
  expect(booked).toEqual(reported)
})
