/**
 * The steps of `npm test`, run under Node 24 with everything installed (scripts/test.mjs sees to that). `--fast` leaves out what needs
 * a build or a browser, and what takes its time by design (`PATIENT` in vitest.config.ts). The last line is `N passed, N failed`; the exit
 * code is 1 on any failure.
 */
import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { ensureBrowser } from "./browser.ts"
import { addCounts, type Count, countCheck, countPlaywright, countVitest, noCount } from "./count.ts"

const STEP_MS_MAX = 12 * 60_000

const fast = process.argv.includes("--fast")
const folder = await mkdtemp(join(tmpdir(), "turnpike-test-run-"))
const startedAt = performance.now()
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`
const say = (line: string) => process.stdout.write(`${line}\n`)

type Step = { readonly name: string; run(): Promise<Count> }

/** Runs a command in its own process group; every line it prints goes through `line`. Resolves with the exit code. */
function command(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, env: { ...process.env, NO_COLOR: "1", NODE_NO_WARNINGS: "1", ...environment } })
    const timer = setTimeout(() => {
      say(`  ${name}: stopped after ${STEP_MS_MAX / 60_000} minutes`)
      process.kill(-child.pid!, "SIGKILL")
    }, STEP_MS_MAX)
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => line.trim() !== "" && say(`  ${name}: ${line}`))
    child.on("close", (status) => {
      clearTimeout(timer)
      resolve(status)
    })
  })
}

const check = (name: string, ...args: string[]): Step => ({ name, run: async () => countCheck(name, await command(name, args)) })

function vitest(project: "unit" | "integration" | "process" | "gateway"): Step {
  return {
    name: project,
    async run() {
      const file = join(folder, `${project}.json`)
      const reporter = project === "process" || project === "gateway" ? "verbose" : "dot"
      const status = await command(project, ["node_modules/vitest/vitest.mjs", "run", "--project", project, `--reporter=${reporter}`, "--reporter=json", `--outputFile.json=${file}`], fast ? { TURNPIKE_TEST_FAST: "1" } : {})
      return countVitest(project, await readReport(file), status)
    },
  }
}

const browser: Step = {
  name: "browser",
  async run() {
    const browser = ensureBrowser((line) => say(`  browser: ${line}`))
    if (!browser.ok) return { ...noCount, failed: 1, problems: [browser.text] }
    const file = join(folder, "playwright.json")
    const status = await command("browser", ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"], { PLAYWRIGHT_JSON_OUTPUT_NAME: file })
    return countPlaywright("browser", await readReport(file), status)
  },
}

async function readReport<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T
  } catch {
    return null
  }
}

/** Steps of one lane run one after another. Two lanes fill the two cores that a small machine has. */
async function lane(steps: readonly Step[]): Promise<Count> {
  let total = noCount
  for (const step of steps) {
    const since = performance.now()
    say(`▸ ${step.name}`)
    const count = await step.run()
    say(`${count.failed === 0 ? "✓" : "✗"} ${step.name}: ${count.passed} passed, ${count.failed} failed (${seconds(since)})`)
    total = addCounts(total, count)
  }
  return total
}

const checks = [
  check("types", "node_modules/typescript-native/bin/tsc", "--noEmit"),
  // From its second run on, the fast part looks at the files alone that were changed.
  check("lint", "node_modules/eslint/bin/eslint.js", ".", ...(fast ? ["--cache", "--cache-location=node_modules/.cache/eslint/"] : [])),
  check("boundaries", "scripts/boundaries.mjs"),
  check("migrations", "scripts/migrate-new.mjs", "--check"),
  check("wire-rules", "scripts/wire-rules/run.ts", "--gaps"),
]
const groups = [
  // The linter takes its time where it looks at everything, the integration tests wait for their database in any case.
  fast ? [[...checks, vitest("unit")], [vitest("integration")]] : [checks, [vitest("unit"), vitest("integration")]],
  ...(fast ? [] : [[[check("build", "scripts/prepare.mjs", "--build")]], [[vitest("process"), browser], [vitest("gateway")]]]),
]

let total = noCount
try {
  for (const lanes of groups) {
    for (const count of await Promise.all(lanes.map(lane))) total = addCounts(total, count)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
for (const title of total.skipped) say(`skipped: ${title}`)
for (const problem of total.problems) say(`failed: ${problem}`)
say(`${fast ? "The fast part" : "Everything"} took ${seconds(startedAt)}.`)
say(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
