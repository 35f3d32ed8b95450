/**
 * Checks the import rules, and that they are really checked: a file seeded with a forbidden import must be reported, and a
 * plausible number of modules must have been read (with a TypeScript that has no compiler API the tool reads none and passes).
 */
import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"

const MODULES_MIN = 30
const seed = "lib/kernel/seeded-violation.ts"

function cruise(...paths) {
  const { stdout, stderr } = spawnSync(process.execPath, ["node_modules/dependency-cruiser/bin/dependency-cruiser.mjs", "--config", ".dependency-cruiser.mjs", "--output-type", "json", ...paths], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  })
  try {
    return JSON.parse(stdout).summary
  } catch {
    throw new Error(`dependency-cruiser gave no report: ${stderr || stdout}`)
  }
}

writeFileSync(seed, 'import "#lib/adapters/database.ts"\n')
let canary
try {
  canary = cruise("lib/kernel")
} finally {
  rmSync(seed, { force: true })
}
if (!canary.violations.some((violation) => violation.from === seed)) {
  console.error("boundaries: the seeded violation was not reported, so the rules check nothing")
  process.exit(1)
}

const summary = cruise("app", "components", "lib", "server.ts")
if (summary.totalCruised < MODULES_MIN) {
  console.error(`boundaries: only ${summary.totalCruised} modules were read`)
  process.exit(1)
}
for (const { rule, from, to, cycle } of summary.violations) {
  console.error(`boundaries: ${rule.name}: ${from} → ${cycle ? cycle.map((step) => step.name).join(" → ") : to}`)
}
console.log(`boundaries: ${summary.totalCruised} modules, ${summary.violations.length} violations, the seeded one was caught`)
process.exit(summary.violations.length === 0 ? 0 : 1)
