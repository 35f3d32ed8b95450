import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { claudeCode } from "#components/first-call/agents.ts"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Mount } from "#e2e/fixtures/installation.ts"
import { mounts } from "#e2e/gateway/stage.ts"
import { type AgentStage, channelModels, channels, createAgentStage } from "./agent-stage.ts"
import { toolNames } from "./played-turns.ts"
import { installAgent } from "./run-agent.ts"
import { type Calls, commands, expectSigned, saidInTwoSessions, workTwoSessions } from "./two-sessions.ts"
import { versions } from "./versions.ts"

/** Claude Code reads a file and mends it, over channels of every kind (W-118, W-130). */

let agents: AgentStage
let folder: string
beforeAll(async () => {
  // The package's own program is put into place by a script that is not run: each platform's is a package of its own.
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  const [made, installed] = await Promise.all([createAgentStage(), installAgent("@anthropic-ai/claude-code", versions["Claude Code"])])
  agents = made
  folder = join(installed, "node_modules", platform)
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const callsOn = (file: string): Calls => ({
  read: { id: "call_read", name: "Read", arguments: JSON.stringify({ file_path: file }) },
  fails: { id: "call_fails", name: "Bash", arguments: JSON.stringify({ command: commands.fails, description: "Fails" }) },
  long: { id: "call_long", name: "Bash", arguments: JSON.stringify({ command: commands.long, description: "Counts" }) },
  edit: { id: "call_edit", name: "Edit", arguments: JSON.stringify({ file_path: file, old_string: "teh", new_string: "the" }) },
})
const may = ["--allowedTools", "Read,Edit,Bash,ToolSearch,WebSearch"]
const words = { first: ["-p", "Fix the typo in notes.txt", ...may], again: ["-p", "What did you do?", "--continue", ...may] }

const open = (mount: Mount, model: string) => agents.open({ snippets: claudeCode(agents.place(mount, model)), folder, environment: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" }, tool: "Edit" })

describe.each(mounts)("the %s mount", (mount) => {
  test.each(channelModels)("W-118 W-130 Claude Code finishes a task with a file edit over %s and is asked again, what only Anthropic reads goes nowhere else, signed thoughts go back to who signed them, and the books say what it used", async (model) => {
    const workspace = await open(mount, model)
    const calls = callsOn(workspace.file)
    const { first, again } = await workTwoSessions(workspace, calls, words)
    const { dialect } = channels[model]
    for (const { bodyText } of [...first.turns, ...again.turns]) if (dialect !== "am") expect(bodyText).not.toMatch(/x-anthropic-billing-header|cache_control/)
    expectSigned(again.turns[0]!, dialect, calls, false)
    const { reported, booked } = await agents.books()
    expect(booked).toEqual(reported)
  })
})

test("W-129 Claude Code works under the name that its list has for a model, with the long context asked for", async () => {
  const workspace = await open("fast", "claude-glm-5.3[1m]")
  await workTwoSessions(workspace, callsOn(workspace.file), words)
})

test("W-126 a search that no channel can do is told to Claude Code, which goes on without it", async () => {
  const workspace = await open("fast", "glm-5.3")
  const said: readonly Behaviour[] = [
    { answer: { toolCalls: [{ id: "call.tools", name: "ToolSearch", arguments: '{"query":"select:WebSearch","max_results":1}' }] } },
    { answer: { toolCalls: [{ id: "call.web", name: "WebSearch", arguments: '{"query":"spelling of the"}' }] } },
    ...saidInTwoSessions(callsOn(workspace.file)),
  ]
  const { code, text, turns } = await workspace.run({ words: words.first, said: said.slice(0, -1) })
  expect([code, text]).toEqual([0, "This is the end.\n"])
  expect(toolNames(turns[1]!)).toContain("WebSearch")
  expect(turns.at(-1)?.bodyText).toContain("tools[0].type cannot be used here")
})

test("W-131 an overload and a stream that breaks off are tried again, and the task is finished", async () => {
  const workspace = await open("fast", "some-chat")
  const troubles: Behaviour[] = [{ refusal: { status: 503, message: "Too busy." } }, { delivery: { cut: { atFrame: 2, by: "end" } } }]
  const { code, text, turns } = await workspace.run({ words: words.first, said: saidInTwoSessions(callsOn(workspace.file)).slice(0, -1), trouble: () => troubles.shift() ?? null })
  expect([code, text, turns.length]).toEqual([0, "This is the end.\n", 5])
})
