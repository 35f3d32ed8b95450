import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import { signatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import { type AgentStage, channelModels, createAgentStage } from "./agent-stage.ts"
import { callsAnswered } from "./played-turns.ts"
import { installAgent } from "./run-agent.ts"
import { exportsOf, readSnippet } from "./snippets.ts"

/** Gemini CLI reads a file and mends it, over channels of every kind (W-135). */
const VERSION = "0.61.0"

let agents: AgentStage
let program: string
beforeAll(async () => {
  const [made, folder] = await Promise.all([createAgentStage(), installAgent("@google/gemini-cli", VERSION)])
  agents = made
  program = join(folder, "node_modules", ".bin", "gemini")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const steps = (file: string): readonly Behaviour[] => [
  { answer: { reasoning: "I read it first.", text: "Let me look.", toolCalls: [{ id: "call_read", name: "read_file", arguments: JSON.stringify({ file_path: file }) }, { id: "call_list", name: "list_directory", arguments: '{"dir_path":"."}' }] } },
  { answer: { reasoning: "Now I change it.", toolCalls: [{ id: "call_edit", name: "replace", arguments: JSON.stringify({ file_path: file, instruction: "Mend the typo.", old_string: "teh", new_string: "the" }) }] } },
  { answer: { text: "The typo is fixed." } },
]

function fixTypo(model: string, before: readonly Behaviour[] = []) {
  const place = agents.place(model)
  const files = { ".gemini/settings.json": readSnippet("Gemini CLI", "json", place) }
  return agents.fixTypo({ program, words: ["--yolo", "--skip-trust", "-p", "Fix the typo in notes.txt"], environment: exportsOf(readSnippet("Gemini CLI", "sh", place)), files, tool: "replace", steps: (file) => [...before, ...steps(file)] })
}

test.each(channelModels)("W-135 Gemini CLI finishes a task with a file edit over %s, and the books say what it used", async (model) => {
  const { code, output, text, turns, beside } = await fixTypo(model)
  expect(output).toContain("The typo is fixed.")
  expect([code, text, turns.length, beside.length]).toEqual([0, "This is the end.\n", 3, 0])
  expect(callsAnswered(turns[2]!)).toEqual(["call_read", "call_list", "call_edit"])
  const { reported, booked } = await agents.books()
  expect(booked).toEqual(reported)
})

test("W-57 W-135 Gemini gets the signatures of its calls back from Gemini CLI", async () => {
  const { turns } = await fixTypo("gemini-3.8-flash")
  const last = JSON.stringify(turns.at(-1)?.body)
  for (const name of ["read_file", "replace"]) expect(last).toContain(`"thoughtSignature":"${signatureOf(name)}"`)
})

test("W-126 Gemini CLI's own search is a call to the model that its settings name, at a channel that can search", async () => {
  const before: readonly Behaviour[] = [{ answer: { toolCalls: [{ id: "call_web", name: "google_web_search", arguments: '{"query":"spelling of the"}' }] } }]
  const { code, text, turns, beside } = await fixTypo("gemini-3.8-flash", before)
  expect([code, text, turns.length]).toEqual([0, "This is the end.\n", 4])
  expect(beside).toMatchObject([{ path: expect.stringContaining("/models/gemini-3.8-flash:") as string, status: 200, body: { tools: [{ googleSearch: {} }] } }])
})
