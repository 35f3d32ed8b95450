#!/usr/bin/env node
/**
 * Turnpike's launcher and command line. Runs from a bare clone, without dependencies: prepares the checkout (bin/launcher), then
 * hands over to `server.ts` under a Node that can run it.
 */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { commands, usage } from "./launcher/commands.mjs"
import { Failure } from "./launcher/failure.mjs"
import { refuseOldNode } from "./launcher/node.mjs"
import { prepare } from "./launcher/prepare.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const PARENT_POLL_MS = 250
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"]

async function main([name = "help", ...words]) {
  refuseOldNode(process.versions.node)
  if (name === "help" || name === "--help" || name === "-h") {
    console.log(usage())
    return 0
  }
  if (!Object.hasOwn(commands, name)) throw new Failure(`There is no command “${name}”.\n\n${usage()}`, 2)
  const build = commands[name].build && !words.includes("--dev")
  // Other commands print their result on standard output, and that alone.
  const output = name === "start" ? process.stdout : process.stderr
  const node = await prepare({ root, build, development: false, print: (text) => output.write(text) })
  return handOver(node, [name, ...words])
}

/**
 * Runs the server as a child, passes signals on, and ends as it ends. The open channel tells the child when we were killed; that npm
 * was killed above us shows as a new parent. (`npm start` runs us by `exec`: a shell in between would die of npm's SIGTERM alone.)
 */
function handOver(node, words) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, "server.ts"), ...words], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, TURNPIKE_HOME: process.env.TURNPIKE_HOME || join(root, ".turnpike") },
  })
  const parent = process.ppid
  const watch = setInterval(() => process.env.npm_lifecycle_event !== undefined && process.ppid !== parent && child.kill("SIGKILL"), PARENT_POLL_MS)
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      clearInterval(watch)
      child.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(`turnpike: ${error instanceof Failure ? error.message : error.stack}`)
    process.exit(error instanceof Failure ? error.exitCode : 1)
  },
)
