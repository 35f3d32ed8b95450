import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { Failure } from "./failure.mjs"
import { run } from "./run.mjs"

const FETCH_RETRIES = 2
const FETCH_MS_MAX = 60_000

/** What npm says where the registry cannot be reached (its own and the system's codes). */
const UNREACHABLE = /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR|E50[234])\b/

/**
 * Runs npm in a folder, without install scripts. Throws a `Failure` in one sentence.
 * @param {readonly string[]} words @param {string} cwd
 */
export async function npm(words, cwd) {
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--prefer-offline", `--fetch-retries=${FETCH_RETRIES}`, `--fetch-timeout=${FETCH_MS_MAX}`, "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
  const { code, output } = await run(...npmCommand([...words, ...flags]), { cwd })
  if (code === 0) return
  if (code === 127) throw new Failure("npm is not installed beside Node: install it, then start again.", 2)
  if (/\bENOSPC\b/.test(output)) throw new Failure(`The disk is full (${cwd}): free some space, then start again.`)
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) throw new Failure(`npm may not write to ${cwd}: give this user the right to, then start again.`)
  if (UNREACHABLE.test(output)) {
    const registry = await run(...npmCommand(["config", "get", "registry"]), { cwd })
    throw new Failure(`The npm registry ${registry.output.trim()} cannot be reached: connect this machine, or set npm_config_registry to a mirror, then start again.`)
  }
  throw new Failure(`npm could not install: ${output.trim().split("\n").slice(0, 4).join(" | ")}`)
}

/** The npm that started us, else the one that came with this Node, else the one on PATH. */
function npmCommand(words) {
  const bundled = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js")
  const script = [process.env.npm_execpath ?? "", bundled].find((path) => path.endsWith("npm-cli.js") && existsSync(path))
  return script === undefined ? ["npm", words] : [process.execPath, [script, ...words]]
}
