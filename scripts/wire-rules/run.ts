/**
 * `npm run wire-rules [-- --gaps]`: every rule of docs/wire-rules.md with the tests that carry its number and the mutants that those
 * tests must notice. Exits 1 where a rule lacks either. That the mutants are noticed is what `npm run mutants -- wire` finds out.
 */
import { glob, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readMutants } from "../mutants/mutant.ts"
import { coverageOf, gapOf, readRules } from "./rules.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const FOLDERS: readonly string[] = ["lib", "app", "e2e", "test", "scripts"]

async function testSources(): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>()
  for (const folder of FOLDERS) {
    for await (const file of glob(`${folder}/**/*.test.ts`, { cwd: root })) if (!file.includes("node_modules") && !file.startsWith("scripts/wire-rules/")) sources.set(file, await readFile(join(root, file), "utf8"))
  }
  return sources
}

const gapsOnly = process.argv.includes("--gaps")
const rules = readRules(await readFile(join(root, "docs/wire-rules.md"), "utf8"))
const coverage = coverageOf(rules, await testSources(), await readMutants(root, []))
let gaps = 0
for (const covered of coverage) {
  const { rule, tests, mutants } = covered
  const gap = gapOf(covered)
  if (gap !== null) gaps += 1
  if (gapsOnly && gap === null) continue
  process.stdout.write(`W-${rule.number} ${rule.text.slice(0, 90)}${gap === null ? "" : `\n  GAP: ${gap}`}\n`)
  for (const { file, names } of tests) process.stdout.write(`  ${file}: ${names.length} ${names.length === 1 ? "test" : "tests"}\n`)
  if (mutants.length > 0) process.stdout.write(`  mutants: ${mutants.join(", ")}\n`)
}
process.stdout.write(`${rules.length - gaps} of ${rules.length} rules have a test and a mutant\n`)
process.exitCode = gaps === 0 ? 0 : 1
