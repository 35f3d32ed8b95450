/**
 * What the scripts of this folder stand on: a checkout with Node, packages (those for tests too) and the Prisma client, brought by the
 * launcher's own code, so that `npm test` works on a bare clone. Runs on Node 20.10 without dependencies.
 */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"
import { Failure } from "../bin/launcher/failure.mjs"
import { refuseOldNode } from "../bin/launcher/node.mjs"
import { prepare } from "../bin/launcher/prepare.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const SIGNALS = ["SIGINT", "SIGTERM"]

/**
 * Prepares the checkout, with `build` the pages too, and runs a TypeScript file under the Node that can. Ends the process as that
 * one ends; with a `Failure`'s sentence and exit code 1 where the checkout cannot be prepared.
 * @param {string | null} file @param {{ build: boolean, words?: readonly string[], onFailure?: () => void }} options
 */
export async function runPrepared(file, { build, words = [], onFailure = () => {} }) {
  try {
    refuseOldNode(process.versions.node)
    const node = await prepare({ root, build, development: true, print: (text) => process.stdout.write(text) })
    process.exitCode = file === null ? 0 : await runScript(node, [file, ...words])
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error)
    onFailure()
    process.exitCode = 1
  }
}

function runScript(node, words) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...words], { cwd: root, stdio: "inherit" })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runPrepared(null, { build: process.argv.includes("--build") })
