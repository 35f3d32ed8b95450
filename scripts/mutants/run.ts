/**
 * `npm run mutants [-- GROUP…]`: is there a test for it? Plants the faults of test/mutants, one at a time, in a copy of the checkout, and
 * expects the tests that each one names to fail. Before that the same tests must pass without any fault. Exits 1 where a fault goes
 * unnoticed, where a named test does not exist, or where a mutant does not fit its file any more.
 */
import { spawn } from "node:child_process"
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { judge, type Mutant, type NamedTest, type Outcome, planted, readMutants } from "./mutant.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
/** What a copy does without, or shares. */
const LEFT_OUT: readonly string[] = ["node_modules", ".git", ".next", ".turnpike", "test-results", "playwright-report"]
/** The longest that the tests of one fault may take: a fault may well make a program wait for ever. */
const RUN_MS_MAX = 240_000

const say = (line: string) => process.stdout.write(`${line}\n`)

/** The checkout without its history and its build, in a folder of its own: a run that is broken off leaves nothing changed behind. */
async function copyCheckout(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "turnpike-mutants-"))
  await cp(root, copy, { recursive: true, filter: (source) => source === root || !LEFT_OUT.includes(basename(source)) })
  await symlink(join(root, "node_modules"), join(copy, "node_modules"))
  return copy
}

type Report = { readonly testResults?: readonly { readonly assertionResults: readonly { readonly ancestorTitles: readonly string[]; readonly title: string; readonly status: string }[] }[] }

/** Runs these tests alone; empty where the run gave no report: then nothing can be said of them. */
async function runTests(copy: string, tests: readonly NamedTest[]): Promise<readonly Outcome[]> {
  const report = join(copy, "mutants-report.json")
  await rm(report, { force: true })
  const files = [...new Set(tests.map(({ file }) => file))]
  const names = [...new Set(tests.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")))].join("|")
  await vitest(copy, ["run", ...files, "--testNamePattern", `^(${names})$`, "--reporter=json", `--outputFile.json=${report}`])
  const { testResults = [] } = JSON.parse(await readFile(report, "utf8").catch(() => "{}")) as Report
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .map(({ ancestorTitles, title, status }) => ({ name: [...ancestorTitles, title].join(" > "), failed: status === "failed" }))
}

function vitest(copy: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(copy, "node_modules/vitest/vitest.mjs"), ...words], { cwd: copy, stdio: "ignore", detached: true, env: { ...process.env, NODE_NO_WARNINGS: "1" } })
    const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), RUN_MS_MAX)
    child.once("error", reject)
    child.once("close", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Null: the fault was noticed by every test that it names. Otherwise what is wrong. */
async function tryMutant(copy: string, mutant: Mutant): Promise<string | null> {
  const path = join(copy, mutant.file)
  const original = await readFile(path, "utf8")
  const faulty = planted(original, mutant)
  if (faulty === null) return `“${mutant.find}” does not stand once in ${mutant.file}`
  await writeFile(path, faulty)
  try {
    const { failed, missing } = judge(mutant.tests, await runTests(copy, mutant.tests))
    if (missing.length > 0) return `not run: ${missing.join("; ")}`
    const unmoved = mutant.tests.filter(({ name }) => !failed.includes(name))
    return unmoved.length === 0 ? null : `passed in spite of it: ${unmoved.map(({ name }) => name).join("; ")}`
  } finally {
    await writeFile(path, original)
  }
}

const mutants = await readMutants(root, process.argv.slice(2))
const copy = await copyCheckout()
let caught = 0
try {
  const named = mutants.flatMap(({ tests }) => tests)
  const sound = judge(named, await runTests(copy, named))
  for (const name of sound.failed) say(`fails without any fault: ${name}`)
  for (const name of sound.missing) say(`does not exist: ${name}`)
  if (sound.failed.length + sound.missing.length === 0) {
    for (const mutant of mutants) {
      const startedAt = performance.now()
      const problem = await tryMutant(copy, mutant)
      if (problem === null) caught += 1
      say(`${problem === null ? "caught" : "MISSED"} ${mutant.group}/${mutant.name}: ${mutant.fault}${problem === null ? "" : `\n       ${problem}`} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
    }
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
say(`${caught} of ${mutants.length} faults were caught`)
process.exitCode = caught === mutants.length ? 0 : 1
