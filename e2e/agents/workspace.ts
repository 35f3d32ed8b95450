import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import type { Snippet } from "#components/first-call/place.ts"
import type { Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import type { ProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"
import type { Outside } from "./outside.ts"
import { toolNames, turnsTaken } from "./played-turns.ts"
import { runProgram, throughProxy } from "./run-agent.ts"

const RUN_MS_MAX = 120_000

/** An agent and how it is pointed at Turnpike: by what pages show, as they show it. */
export type Setting = {
  /** Files of the reader's home, and last the shell's part, which ends in the agent's command. */
  readonly snippets: readonly Snippet[]
  /** The folder with the agent's command. */
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** More files below the agent's home, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** The agent's own tool by which its turns are told from what it asks beside them (titles, summaries). */
  readonly tool: string
}

export type Task = {
  /** What follows the agent's command. */
  readonly words: readonly string[]
  /** What the played model says, turn by turn, over all sessions of the workspace. */
  readonly said: readonly Behaviour[]
  /** What stands in the way of a turn; null: nothing. */
  readonly trouble?: () => Behaviour | null
}

export type Finished = {
  readonly code: number | null
  readonly output: string
  /** The file with the typo, afterwards. */
  readonly text: string
  /** The agent's turns of this run, and what it asked beside them. */
  readonly turns: readonly Exchange[]
  readonly beside: readonly Exchange[]
}

/** A folder where notes.txt has a typo, and a home that remembers sessions. */
export type Workspace = {
  /** The path of notes.txt. */
  readonly file: string
  /** Runs the agent to its end. Throws where it asked for anything beyond the machine. */
  run(task: Task): Promise<Finished>
  remove(): Promise<void>
}

export async function openWorkspace({ snippets, folder, environment = {}, files = {}, tool }: Setting, { simulator, outside }: { readonly simulator: ProviderSimulator; readonly outside: Outside }): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), "turnpike-agent-"))
  const [home, cwd] = [join(root, "home"), join(root, "work")]
  const file = join(cwd, "notes.txt")
  const settings = snippets.flatMap(({ file: path, code }) => (path === undefined ? [] : [[path.replace("~", home), code]]))
  const others = Object.entries(files).map(([path, text]) => [join(home, path), text])
  for (const [path = "", text = ""] of [[file, "This is teh end.\n"], ...settings, ...others]) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  await mkdir(home, { recursive: true })
  const script = `${snippets.at(-1)!.code} "$@"`
  const variables = { ...throughProxy(outside.url), HOME: home, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`, ...environment }
  const isTurn = (exchange: Exchange) => toolNames(exchange).includes(tool)

  return {
    file,
    async run({ words, said, trouble = () => null }) {
      const before = simulator.exchanges.length
      simulator.decide((exchange) => (isTurn(exchange) ? (trouble() ?? said[Math.min(turnsTaken(exchange), said.length - 1)] ?? null) : null))
      const { code, output } = await runProgram("sh", ["-c", script, "sh", ...words], { cwd, environment: variables, msMax: RUN_MS_MAX })
      if (outside.asked.length > 0) throw new Error(`The agent wanted to leave the machine: ${outside.asked.join(", ")}\n${output}`)
      const asked = simulator.exchanges.slice(before)
      return { code, output, text: await readFile(file, "utf8"), turns: asked.filter(isTurn), beside: asked.filter((exchange) => !isTurn(exchange)) }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
