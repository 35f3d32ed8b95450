import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { geminiCli } from "#components/first-call/agents.ts"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Mount } from "#e2e/fixtures/installation.ts"
import { mounts } from "#e2e/gateway/stage.ts"
import { type AgentStage, channelModels, channels, createAgentStage } from "./agent-stage.ts"
import { installAgent } from "./run-agent.ts"
import { type Calls, commands, expectSigned, saidInTwoSessions, workOnce, workTwoSessions } from "./two-sessions.ts"
import { versions } from "./versions.ts"

/** Gemini CLI reads a file and mends it, over channels of every kind (W-135). */

let agents: AgentStage
let folder: string
beforeAll(async () => {
  const [made, installed] = await Promise.all([createAgentStage(), installAgent("@google/gemini-cli", versions["Gemini CLI"])])
  agents = made
  folder = join(installed, "node_modules", ".bin")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const callsOn = (file: string): Calls => ({
  read: { id: "call_read", name: "read_file", arguments: JSON.stringify({ file_path: file }) },
  fails: { id: "call_fails", name: "run_shell_command", arguments: JSON.stringify({ command: commands.fails }) },
  long: { id: "call_long", name: "run_shell_command", arguments: JSON.stringify({ command: commands.long }) },
  edit: { id: "call_edit", name: "replace", arguments: JSON.stringify({ file_path: file, instruction: "Mend the typo.", old_string: "teh", new_string: "the" }) },
})
const may = ["--yolo", "--skip-trust"]
const words = { first: [...may, "-p", "Fix the typo in notes.txt"], again: [...may, "--resume", "latest", "-p", "What did you do?"] }

const open = (mount: Mount, model: string) => agents.open({ snippets: geminiCli(agents.place(mount, model)), folder, tool: "replace" })

describe.each(mounts)("the %s mount", (mount) => {
  test.each(channelModels)("W-135 Gemini CLI finishes a task with a file edit over %s, Gemini gets back what it signed, and the books say what it used", async (model) => {
    const workspace = await open(mount, model)
    const calls = callsOn(workspace.file)
    const { turns, beside } = await workOnce(workspace, calls, words.first)
    expect(beside).toEqual([])
    // It gives calls back with their signatures and no thoughts: what others sign is lost with these.
    if (channels[model].dialect === "gm") expectSigned(turns[2]!, "gm", calls)
    const { reported, booked } = await agents.books()
    expect(booked).toEqual(reported)
  })

  test.each(channelModels.filter((model) => channels[model].dialect !== "gm"))("W-135 Gemini CLI is asked again over %s, where each result that it repeats stands once", async (model) => {
    const workspace = await open(mount, model)
    await workTwoSessions(workspace, callsOn(workspace.file), words)
  })
})

test("W-135 each result that Gemini CLI repeats in a session that it resumes is Gemini's to refuse, and its reader is told why", async () => {
  const workspace = await open("fast", "gemini-3.8-flash")
  const calls = callsOn(workspace.file)
  await workOnce(workspace, calls, words.first)
  const { output } = await workspace.run({ words: words.again, said: saidInTwoSessions(calls) })
  expect(output).toContain("the number of function response parts is equal to the number of function call parts")
})

test("W-126 Gemini CLI's own search is a call to the model that its settings name, at a channel that can search", async () => {
  const workspace = await open("fast", "gemini-3.8-flash")
  const search: Behaviour = { answer: { toolCalls: [{ id: "call_web", name: "google_web_search", arguments: '{"query":"spelling of the"}' }] } }
  const { code, text, turns, beside } = await workspace.run({ words: words.first, said: [search, ...saidInTwoSessions(callsOn(workspace.file)).slice(0, -1)] })
  expect([code, text, turns.length]).toEqual([0, "This is the end.\n", 4])
  expect(beside).toMatchObject([{ path: expect.stringContaining("/models/gemini-3.8-flash:") as string, status: 200, body: { tools: [{ googleSearch: {} }] } }])
})
