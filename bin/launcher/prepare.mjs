import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hashContent } from "./content.mjs"
import { Failure } from "./failure.mjs"
import { withLock } from "./lock.mjs"
import { installRuntime, isPresent, serverNode } from "./node.mjs"
import { npm } from "./npm.mjs"
import { run } from "./run.mjs"

const LABEL_WIDTH = 44

/** Where the clients are that tests drive the gateway with: each folder has a lockfile of its own. */
const CLIENT_FOLDERS = ["e2e/clients/latest", "e2e/clients/previous"]

/**
 * Brings a checkout to where it can run: Node, packages, the Prisma client and, with `build`, the pages. What is there already is
 * skipped; each step that is done prints one line with its seconds. Safe to interrupt and to run twice at once.
 * @param {{ root: string, build: boolean, development: boolean, print: (text: string) => void }} options
 *   `development`: with the packages that tests and linters need. `print` gets text without line ends added.
 * @returns {Promise<string>} the Node to run Turnpike with
 */
export async function prepare({ root, build, development, print }) {
  const steps = stepsOf(root, { build, development })
  if (steps.every((step) => step.isDone())) return serverNode(root).path
  mkdirSync(join(root, ".turnpike"), { recursive: true })
  const onWait = () => print("  Another command prepares this checkout; waiting for it\n")
  await withLock(join(root, ".turnpike", "prepare.lock"), onWait, async () => {
    for (const step of steps) {
      if (step.isDone()) continue
      const startedMs = performance.now()
      print(`  ${step.label.padEnd(LABEL_WIDTH)} `)
      try {
        await step.work()
      } catch (error) {
        print("failed\n")
        throw error
      }
      print(`${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`)
    }
  })
  return serverNode(root).path
}

function stepsOf(root, { build, development }) {
  const node = serverNode(root)
  const steps = [packagesStep("Installing packages", root, development), clientStep(root, node.path)]
  if (development) steps.push(...CLIENT_FOLDERS.map((folder) => packagesStep(`Installing packages of ${folder}`, join(root, folder), true)))
  if (node.runtime !== null) steps.unshift({ label: `Bringing Node ${node.runtime.version}`, isDone: () => isPresent(node), work: () => installRuntime(node.runtime) })
  if (build) steps.push(buildStep(root, node.path))
  return steps
}

function packagesStep(label, folder, development) {
  return {
    label,
    isDone: () => isInstalled(folder, development),
    work: () => npm(["ci", ...(development ? [] : ["--omit=dev"])], folder),
  }
}

/**
 * Whether npm's own record of node_modules, which it writes last, has every package of the lockfile in its version. Optional ones may
 * be absent: they belong to other platforms.
 */
function isInstalled(folder, development) {
  const wanted = readJson(join(folder, "package-lock.json"))?.packages ?? {}
  const present = readJson(join(folder, "node_modules", ".package-lock.json"))?.packages
  if (present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || entry.link === true) return true
    if (present[path] !== undefined) return present[path].version === entry.version
    return entry.optional === true || (!development && (entry.dev === true || entry.devOptional === true))
  })
}

function clientStep(root, node) {
  return stamped({
    root,
    label: "Generating the database client",
    inputs: ["prisma/schema", "prisma.config.ts", "scripts/generate.mjs", "package-lock.json"],
    folder: "prisma/generated",
    work: () => script(root, node, "scripts/generate.mjs", "The database client could not be generated"),
  })
}

function buildStep(root, node) {
  return stamped({
    root,
    label: "Building pages",
    inputs: ["app", "components", "lib", "messages", "public", "prisma/schema", "next.config.mjs", "postcss.config.mjs", "tsconfig.json", "package.json", "package-lock.json", "scripts/build.mjs"],
    folder: ".next",
    work: () => script(root, node, "scripts/build.mjs", "The pages could not be built"),
  })
}

/** A step whose output folder remembers the hash of what it was made from. The stamp goes first and comes back last. */
function stamped({ root, label, inputs, folder, work }) {
  const stamp = join(root, folder, ".turnpike-stamp")
  return {
    label,
    isDone: () => existsSync(stamp) && readFileSync(stamp, "utf8") === hashContent(root, inputs),
    async work() {
      rmSync(stamp, { force: true })
      const hash = hashContent(root, inputs)
      await work()
      mkdirSync(join(root, folder), { recursive: true })
      writeFileSync(stamp, hash)
    },
  }
}

async function script(root, node, file, sentence) {
  const { code, output } = await run(node, [file], { cwd: root })
  if (code === 0) return
  if (/\bENOSPC\b|No space left on device/.test(output)) throw new Failure(`The disk is full (${root}): free some space, then start again.`)
  throw new Failure(`${sentence}:\n${output.trim()}`)
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch (error) {
    if (error.code === "ENOENT") return undefined
    throw error
  }
}
