import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const SUPERVISOR = fileURLToPath(new URL("./supervise.mjs", import.meta.url))

/**
 * Runs a program to its end and returns its exit code and all it printed; 127 where there is no such program. It ends with the
 * launcher, however that one ends (supervise.mjs): a build that went on alone would write into the next one's folder.
 * @param {string} program @param {readonly string[]} words @param {{ cwd: string, env?: Record<string, string> }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(program, words, { cwd, env = {} }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [SUPERVISOR, program, ...words], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe", "ipc"] })
    let output = ""
    const keep = (chunk) => void (output += chunk)
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", () => resolve({ code: 127, output }))
    child.on("close", (code) => resolve({ code: code ?? 1, output }))
  })
}
