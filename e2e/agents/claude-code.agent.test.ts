import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import { signatureOf as thinkingSignatureOf } from "#e2e/fixtures/dialects/anthropic-messages-request.ts"
import { signatureOf as callSignatureOf } from "#e2e/fixtures/dialects/gemini-generate-request.ts"
import { type AgentStage, channelModels, channels, createAgentStage } from "./agent-stage.ts"
import { callsAnswered, toolNames } from "./played-turns.ts"
import { installAgent } from "./run-agent.ts"
import { exportsOf, readSnippet } from "./snippets.ts"

/** Claude Code reads a file and mends it, over channels of every kind (W-118, W-130). */
const VERSION = "2.1.332"

let agents: AgentStage
let program: string
beforeAll(async () => {
  // The package's own program is put into place by a script that is not run: each platform's is a package of its own.
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  const [made, folder] = await Promise.all([createAgentStage(), installAgent("@anthropic-ai/claude-code", VERSION)])
  agents = made
  program = join(folder, "node_modules", platform, "claude")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

type Played = {
  /** What the model does before it reads the file. */
  readonly before?: readonly Behaviour[]
  /** What stands in the way of a turn; null: nothing. */
  readonly trouble?: () => Behaviour | null
}

function fixTypo(model: string, { before = [], trouble = () => null }: Played = {}) {
  const environment = { ...exportsOf(readSnippet("Claude Code", "sh", agents.place(model))), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" }
  const words = ["-p", "Fix the typo in notes.txt", "--allowedTools", "Read,Edit,Bash,ToolSearch,WebSearch"]
  const steps = (file: string): readonly Behaviour[] => [
    ...before,
    { answer: { reasoning: "I read it first.", text: "Let me look.", toolCalls: [{ id: "call_read", name: "Read", arguments: JSON.stringify({ file_path: file }) }, { id: "call_list", name: "Bash", arguments: '{"command":"ls","description":"Lists files"}' }] } },
    { answer: { reasoning: "Now I change it.", toolCalls: [{ id: "call_edit", name: "Edit", arguments: JSON.stringify({ file_path: file, old_string: "teh", new_string: "the" }) }] } },
    { answer: { text: "The typo is fixed." } },
  ]
  return agents.fixTypo({ program, words, environment, tool: "Edit", steps, trouble })
}

test.each([...channelModels, "claude-glm-5.3[1m]"])("W-118 W-130 Claude Code finishes a task with a file edit over %s, and the books say what it used", async (model) => {
  const { code, output, text, turns } = await fixTypo(model)
  expect(output).toContain("The typo is fixed.")
  expect([code, text, turns.length]).toEqual([0, "This is the end.\n", 3])
  expect(callsAnswered(turns[2]!)).toEqual(["call_read", "call_list", "call_edit"])
  const { reported, booked } = await agents.books()
  expect(booked).toEqual(reported)
})

test.each(channelModels.filter((model) => channels[model].dialect !== "am"))("W-4 W-123 what only Anthropic reads does not reach %s", async (model) => {
  const { turns } = await fixTypo(model)
  for (const { bodyText } of turns) expect(bodyText).not.toMatch(/x-anthropic-billing-header|cache_control/)
})

test("W-54 W-57 signed thoughts go back to who signed them: Claude's thinking as it was, Gemini's with the call", async () => {
  const claude = JSON.stringify((await fixTypo("claude-sonnet-5")).turns.at(-1)?.body)
  expect(claude.split('"type":"thinking"')).toHaveLength(3)
  for (const [, signature = ""] of claude.matchAll(/"signature":"([^"]+)"/g)) expect([thinkingSignatureOf("I read it first."), thinkingSignatureOf("Now I change it."), thinkingSignatureOf("")]).toContain(signature)
  await agents.reset()
  const gemini = JSON.stringify((await fixTypo("gemini-3.8-flash")).turns.at(-1)?.body)
  for (const name of ["Read", "Edit"]) expect(gemini).toContain(`"thoughtSignature":"${callSignatureOf(name)}"`)
})

test("W-126 a search that no channel can do is told to Claude Code, which goes on without it", async () => {
  const before: readonly Behaviour[] = [
    { answer: { toolCalls: [{ id: "call.tools", name: "ToolSearch", arguments: '{"query":"select:WebSearch","max_results":1}' }] } },
    { answer: { toolCalls: [{ id: "call.web", name: "WebSearch", arguments: '{"query":"spelling of the"}' }] } },
  ]
  const { code, text, turns } = await fixTypo("glm-5.3", { before })
  expect([code, text]).toEqual([0, "This is the end.\n"])
  expect(toolNames(turns[1]!)).toContain("WebSearch")
  expect(turns.at(-1)?.bodyText).toContain("tools[0].type cannot be used here")
})

test("W-131 an overload and a stream that breaks off are tried again, and the task is finished", async () => {
  const troubles: Behaviour[] = [{ refusal: { status: 503, message: "Too busy." } }, { delivery: { cut: { atFrame: 2, by: "end" } } }]
  const { code, text, turns } = await fixTypo("some-chat", { trouble: () => troubles.shift() ?? null })
  expect([code, text, turns.length]).toEqual([0, "This is the end.\n", 5])
})
