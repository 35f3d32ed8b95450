import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { opencode, type OpencodePackage, opencodePackages } from "#components/first-call/agents.ts"
import type { Mount } from "#e2e/fixtures/installation.ts"
import { mounts } from "#e2e/gateway/stage.ts"
import type { ClientDialect } from "#lib/wire/lanes.ts"
import { type AgentStage, channelModels, channels, createAgentStage, smallModel } from "./agent-stage.ts"
import { installAgent } from "./run-agent.ts"
import { type Calls, commands, expectSigned, workTwoSessions } from "./two-sessions.ts"
import { versions } from "./versions.ts"

/** opencode reads a file and mends it, in each dialect that it speaks, over channels of every kind (W-136). */

let agents: AgentStage
let folder: string
beforeAll(async () => {
  // The program of one platform: `opencode-ai` would bring those without AVX2 too, 170 MB each.
  const platform = `opencode-${process.platform}-${process.arch}`
  const [made, installed] = await Promise.all([createAgentStage(), installAgent(platform, versions.opencode)])
  agents = made
  folder = join(installed, "node_modules", platform, "bin")
})
afterEach(() => agents.reset())
afterAll(() => agents?.stop())

const callsOn = (file: string): Calls => ({
  read: { id: "call_read", name: "read", arguments: JSON.stringify({ filePath: file }) },
  fails: { id: "call_fails", name: "bash", arguments: JSON.stringify({ command: commands.fails, description: "Fails" }) },
  long: { id: "call_long", name: "bash", arguments: JSON.stringify({ command: commands.long, description: "Counts" }) },
  edit: { id: "call_edit", name: "edit", arguments: JSON.stringify({ filePath: file, oldString: "teh", newString: "the" }) },
})
const words = { first: ["run", "Fix the typo in notes.txt"], again: ["run", "--continue", "What did you do?"] }

/** opencode would fetch a package for plugins, of which there are none: this says that it is there. */
const pluginsThere = { ".config/opencode/node_modules/.package-lock.json": "{}", ".config/opencode/package-lock.json": '{"packages":{"":{"dependencies":{"@opencode-ai/plugin":"*"}}}}' }
const quiet = { OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_LSP_DOWNLOAD: "1" }

/** Whose signatures each package gives back; that for Google drops one that comes in a part of its own. */
const signs: Readonly<Record<OpencodePackage["npm"], readonly ClientDialect[]>> = { "@ai-sdk/openai-compatible": [], "@ai-sdk/openai": ["rs", "am", "gm"], "@ai-sdk/anthropic": ["rs", "am", "gm"], "@ai-sdk/google": ["gm"] }

const open = (mount: Mount, model: string, by: OpencodePackage) => agents.open({ snippets: opencode(agents.place(mount, model), by), folder, environment: quiet, files: pluginsThere, tool: "edit" })

describe.each(mounts)("the %s mount", (mount) => {
  test.each(opencodePackages.flatMap((by) => channelModels.map((model) => ({ by, npm: by.npm, model }))))("W-136 opencode with $npm finishes a task with a file edit over $model and is asked again, and the books say what it used", async ({ by, model }) => {
    const workspace = await open(mount, model, by)
    const calls = callsOn(workspace.file)
    const { first, again } = await workTwoSessions(workspace, calls, words)
    expect([...first.beside, ...again.beside].map((title) => title.model)).toEqual([smallModel])
    const { dialect } = channels[model]
    if (signs[by.npm].includes(dialect)) expectSigned(again.turns[0]!, dialect, calls)
    const { reported, booked } = await agents.books()
    expect(booked).toEqual(reported)
  })
})
