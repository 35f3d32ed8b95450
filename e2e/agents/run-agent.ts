import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const INSTALL_MS_MAX = 5 * 60_000

/** Nothing listens there: whoever wants to leave the machine fails at once. */
const NOWHERE = "http://127.0.0.1:9"

/** Installs an agent's package, once per machine, without running anything of it; gives the folder that holds its `node_modules`. */
export async function installAgent(name: string, version: string): Promise<string> {
  const folder = join(tmpdir(), "turnpike-agents", `${name.replaceAll("/", "_")}-${version}`)
  if (existsSync(join(folder, "node_modules", name))) return folder
  await mkdir(folder, { recursive: true })
  const { code, output } = await runAgent("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `${name}@${version}`], { cwd: folder, environment: process.env, msMax: INSTALL_MS_MAX, offline: false })
  if (code !== 0) throw new Error(`npm could not install ${name}@${version}:\n${output}`)
  return folder
}

export type RunOptions = {
  readonly cwd: string
  /** Beside the path, and a home in `cwd`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly msMax: number
  /** Only loopback can be reached; default. */
  readonly offline?: boolean
}

/** Runs a program to its end with no more of this process's environment than it is given. `code` null: it took longer than it may and was killed. */
export function runAgent(program: string, words: readonly string[], { cwd, environment, msMax, offline = true }: RunOptions): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const walls = offline && { HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, NO_PROXY: "127.0.0.1,localhost" }
    const child = spawn(program, words, { cwd, env: { NODE_ENV: "production", PATH: process.env["PATH"] ?? "", HOME: cwd, ...walls, ...environment }, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (output += chunk.toString("utf8")))
    const timer = setTimeout(() => child.kill("SIGKILL"), msMax)
    child.once("error", reject)
    child.once("close", (code) => {
      clearTimeout(timer)
      resolve({ code, output })
    })
  })
}
