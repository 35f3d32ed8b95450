import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import { signatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import { type AgentStage, channelModels, createAgentStage } from "./agent-stage.ts"
import { callsAnswered } from "./played-turns.ts"
import { installAgent } from "./run-agent.ts"
import { exportsOf, readSnippet } from "./snippets.ts"

/** Codex reads a file and mends it, over channels of every kind (W-133). */
const VERSION = "0.169.0"

/** Codex has other tools for models that it knows: one custom tool that runs the rest. */
const known = {
  "gpt-6-sol": { provider: "zhipu-coding", vendor: "zhipu-coding", dialect: "cc", upstreamName: "glm-5.3-air" },
  "gpt-5.6-terra": { provider: "anthropic", vendor: "anthropic", dialect: "am", upstreamName: "claude-opus-5-5" },
} as const

let agents: AgentStage
let program: string
beforeAll(async () => {
  const [made, folder] = await Promise.all([createAgentStage(known), installAgent("@openai/codex", VERSION)])
  agents = made
  program = join(folder, "node_modules", ".bin", "codex")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const patch = "*** Begin Patch\n*** Update File: notes.txt\n@@\n-This is teh end.\n+This is the end.\n*** End Patch\n"

function steps(model: string): readonly Behaviour[] {
  const call = (id: string, name: string, input: object): Behaviour => ({ answer: { reasoning: `Hm: ${id}.`, toolCalls: [{ id, name, arguments: JSON.stringify(input) }] } })
  const calls = model in known
    ? [call("call_read", "functions__exec", { input: 'text(await tools.exec_command({cmd: "cat notes.txt"}))' }), call("call_edit", "functions__exec", { input: `text(await tools.apply_patch(${JSON.stringify(patch)}))` })]
    : [call("call_read", "exec_command", { cmd: "cat notes.txt" }), call("call_edit", "exec_command", { cmd: `apply_patch <<'END'\n${patch}END` })]
  return [...calls, { answer: { text: "The typo is fixed." } }]
}

function fixTypo(model: string) {
  const place = agents.place(model)
  const words = ["exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "Fix the typo in notes.txt"]
  const files = { ".codex/config.toml": readSnippet("Codex", "toml", place) }
  return agents.fixTypo({ program, words, environment: exportsOf(readSnippet("Codex", "sh", place)), files, tool: model in known ? "functions__exec" : "exec_command", steps: () => steps(model) })
}

test.each([...channelModels, ...Object.keys(known)])("W-133 Codex finishes a task with a file edit over %s, says nothing of its machine to the provider, and the books say what it used", async (model) => {
  const { code, output, text, turns, beside } = await fixTypo(model)
  expect(output).toContain("turn.completed")
  expect([code, text, turns.length, beside.length]).toEqual([0, "This is the end.\n", 3, 0])
  expect(callsAnswered(turns[2]!)).toEqual(["call_read", "call_edit"])
  expect(JSON.stringify(turns.map(({ headers, body }) => ({ headers, body })))).not.toMatch(/x-codex|installation_id|client_metadata/)
  const { reported, booked } = await agents.books()
  expect(booked).toEqual(reported)
})

test("W-57 Gemini gets the signatures of its calls back from Codex", async () => {
  const { turns } = await fixTypo("gemini-3.8-flash")
  expect(turns.at(-1)?.bodyText.split(`"thoughtSignature":"${signatureOf("exec_command")}"`)).toHaveLength(3)
})
