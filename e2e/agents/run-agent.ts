import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const INSTALL_MS_MAX = 5 * 60_000

/**
 * Installs an agent's package, once per machine, without running anything of it; gives the folder that holds its `node_modules`. Packages
 * for this platform come with it, where it names them as optional.
 */
export async function installAgent(name: string, version: string): Promise<string> {
  const folder = join(tmpdir(), "turnpike-agents", `${name.replaceAll("/", "_")}-${version}`)
  if (existsSync(join(folder, "node_modules", name))) return folder
  await mkdir(folder, { recursive: true })
  const { code, output } = await runProgram("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `${name}@${version}`], { cwd: folder, environment: process.env, msMax: INSTALL_MS_MAX })
  if (code !== 0) throw new Error(`npm could not install ${name}@${version}:\n${output}`)
  return folder
}

/** Sends all but loopback to a proxy. Node's own clients heed it from 24 on, where they are told to. */
export function throughProxy(url: string): Readonly<Record<string, string>> {
  const hosts = "127.0.0.1,localhost"
  return { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: hosts, http_proxy: url, https_proxy: url, all_proxy: url, no_proxy: hosts, NODE_USE_ENV_PROXY: "1" }
}

export type RunOptions = {
  readonly cwd: string
  /** Beside a home in `cwd`, and the path where it names none. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly msMax: number
}

/**
 * Runs a program to its end with no more of this process's environment than it is given. `code` null: it took longer than it may and was
 * killed, with all that it had started.
 */
export function runProgram(program: string, words: readonly string[], { cwd, environment, msMax }: RunOptions): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd, env: { NODE_ENV: "production", PATH: process.env["PATH"] ?? "", HOME: cwd, ...environment }, stdio: ["ignore", "pipe", "pipe"], detached: true })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (output += chunk.toString("utf8")))
    const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), msMax)
    child.once("error", reject)
    child.once("close", (code) => {
      clearTimeout(timer)
      resolve({ code, output })
    })
  })
}
