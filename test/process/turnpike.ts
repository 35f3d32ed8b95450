import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

const READY_MS_MAX = 60_000

/** A process of Turnpike under test, with all it has printed. */
export type Run = {
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number>
  /** Resolves when the output matches; rejects where the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the address when the server is ready. */
  ready(): Promise<string>
}

type Settings = Readonly<Record<string, string>>

/** Nothing of the tester's own settings reaches a test. */
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TURNPIKE_|DATABASE_URL|PORT|HOST|NODE_ENV|VITEST)/.test(name)))

function run(program: string, words: readonly string[], settings: Settings, options: { readonly cwd?: string; readonly uid?: number; readonly gid?: number } = {}): Run {
  const env = { ...inherited, NODE_ENV: "production" as const, PORT: "0", ...settings }
  const child = spawn(program, words, { cwd: root, ...options, env, stdio: ["ignore", "pipe", "pipe"] })
  let text = ""
  const watchers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
      for (const watcher of watchers) watcher()
    })
  }
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)))
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}; expected ${pattern}, printed:\n${text}`))
      const timer = setTimeout(() => fail("not in time"), READY_MS_MAX)
      const look = () => {
        const match = pattern.exec(text)
        if (match === null) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve(match)
      }
      watchers.add(look)
      void ended.then((code) => {
        look()
        clearTimeout(timer)
        fail(`ended with ${code}`)
      })
      look()
    })
  return { child, output: () => text, ended, printed, ready: async () => (await printed(/^Turnpike is ready on (\S+)$/m))[1] ?? "" }
}

/** A command of the program itself, without the launcher. */
export const turnpike = (words: readonly string[], settings: Settings, options: { readonly uid?: number; readonly gid?: number } = {}): Run =>
  run(process.execPath, ["--disable-warning=ExperimentalWarning", "server.ts", ...words], settings, options)

/** A command through the launcher of a checkout (ours, or a copy). */
export const launcher = (words: readonly string[], settings: Settings, checkout = root): Run => run(process.execPath, [join(checkout, "bin", "turnpike.mjs"), ...words], settings, { cwd: checkout })

/** Makes sure that the checkout is built; quick where nothing has changed. */
export function build(): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, ["scripts/prepare.mjs", "--build"], { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`the checkout could not be built:\n${stdout}${stderr}`)
}

export type Home = { readonly path: string; remove(): Promise<void> }

/** An empty home folder. With `open` others may enter it, as most real ones; otherwise it is 0700, as `mktemp -d` makes it. */
export async function makeHome({ open = true } = {}): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "turnpike-process-"))
  if (open) await chmod(path, 0o755)
  return {
    path,
    async remove() {
      const moved = await readFile(join(path, "postgres.json"), "utf8").catch(() => undefined)
      if (moved !== undefined) await rm(join("/var/lib/turnpike", (JSON.parse(moved) as { id: string }).id), { recursive: true, force: true })
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** Sends a signal and waits for the end. */
export async function end({ child, ended }: Run, signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  return ended
}

/** Kills without warning and waits until the process is gone. */
export async function kill({ child }: Run): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGKILL")
  await once(child, "close")
}
