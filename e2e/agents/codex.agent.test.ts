import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { codex } from "#components/first-call/agents.ts"
import type { Mount } from "#e2e/fixtures/installation.ts"
import { mounts } from "#e2e/gateway/stage.ts"
import { type AgentStage, channelModels, channels, createAgentStage } from "./agent-stage.ts"
import { installAgent } from "./run-agent.ts"
import { type Calls, commands, expectSigned, workTwoSessions } from "./two-sessions.ts"
import { versions } from "./versions.ts"

/** Codex reads a file and mends it, over channels of every kind (W-133). */

/** Codex has other tools for models that it knows: one custom tool that runs the rest. */
const known = {
  "gpt-6-sol": { provider: "zhipu-coding", vendor: "zhipu-coding", dialect: "cc", upstreamName: "glm-5.3-air" },
  "gpt-5.6-terra": { provider: "anthropic", vendor: "anthropic", dialect: "am", upstreamName: "claude-opus-5-5" },
} as const
type Model = keyof typeof channels | keyof typeof known
const models = [...channelModels, ...(Object.keys(known) as (keyof typeof known)[])]

let agents: AgentStage
let folder: string
beforeAll(async () => {
  const [made, installed] = await Promise.all([createAgentStage(known), installAgent("@openai/codex", versions.Codex)])
  agents = made
  folder = join(installed, "node_modules", ".bin")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const patch = "*** Begin Patch\n*** Update File: notes.txt\n@@\n-This is teh end.\n+This is the end.\n*** End Patch\n"

function callsOf(model: Model): Calls {
  const call = (id: string, command: string) => ({ id, name: "exec_command", arguments: JSON.stringify({ cmd: command }) })
  const code = (id: string, input: string) => ({ id, name: "functions__exec", arguments: JSON.stringify({ input }) })
  const run = (id: string, command: string) => code(id, `text(await tools.exec_command(${JSON.stringify({ cmd: command })}))`)
  return model in known
    ? { read: run("call_read", "cat notes.txt"), fails: run("call_fails", commands.fails), long: run("call_long", commands.long), edit: code("call_edit", `text(await tools.apply_patch(${JSON.stringify(patch)}))`) }
    : { read: call("call_read", "cat notes.txt"), fails: call("call_fails", commands.fails), long: call("call_long", commands.long), edit: call("call_edit", `apply_patch <<'END'\n${patch}END`) }
}

const may = ["--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
const words = { first: ["exec", ...may, "Fix the typo in notes.txt"], again: ["exec", ...may, "resume", "--last", "What did you do?"] }

const open = (mount: Mount, model: Model) => agents.open({ snippets: codex(agents.place(mount, model)), folder, tool: model in known ? "functions__exec" : "exec_command" })

describe.each(mounts)("the %s mount", (mount) => {
  test.each(models)("W-133 Codex finishes a task with a file edit over %s and is asked again, says nothing of its machine to the provider, and the books say what it used", async (model) => {
    const calls = callsOf(model)
    const { first, again } = await workTwoSessions(await open(mount, model), calls, words)
    expect(again.output).toContain("turn.completed")
    expect([first.beside.length, again.beside.length]).toEqual([0, 0])
    expect(JSON.stringify([...first.turns, ...again.turns].map(({ headers, body }) => ({ headers, body })))).not.toMatch(/x-codex|installation_id|client_metadata/)
    expectSigned(again.turns[0]!, { ...channels, ...known }[model].dialect, calls)
    const { reported, booked } = await agents.books()
    expect(booked).toEqual(reported)
  })
})
