import { spawn } from "node:child_process"
import { expect, test } from "vitest"

const RUN_MS_MAX = 180_000

/** A short run of `npm run torture`; its own exit code says whether anything differed. */
function torture(...words: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/torture/run.ts", ...words], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_NO_WARNINGS: "1" } })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text))
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX)
    child.once("error", reject)
    child.once("close", (status) => {
      clearTimeout(timer)
      resolve({ status, output })
    })
  })
}

test("processes that are killed, a database that goes away and people who change everything leave books that agree with the provider to the nano-dollar", async () => {
  const { status, output } = await torture("--seed", "5", "--seconds", "20", "--processes", "3", "--callers", "8")
  expect(output).toContain("everything adds up")
  expect(status).toBe(0)
  // It was no run in which nothing happened, on however busy a machine.
  const [, records = "0", complete = "0", flagged = "0"] = /(\d+) records: (\d+) complete and exact, (\d+) flagged/.exec(output) ?? []
  expect(Number(records)).toBeGreaterThan(10)
  expect(Number(complete)).toBeGreaterThan(5)
  expect(Number(flagged)).toBeGreaterThan(0)
  for (const deed of ["a process killed", "a process gone for good", "an outage", "a price changed", "a key revoked"]) expect(output).toContain(deed)
}, 200_000)
