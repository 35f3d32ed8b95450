import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turnpike-books-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A short run of the benchmark: thousands of calls through both mounts at once, with 1,000 streams open at the same time. */
test("under load, on both mounts, every call becomes one usage record and the charges add up to the nano-dollar", async () => {
  const file = join(folder, "bench.json")
  // The run exits 1 where a call failed or the books differ, and says what was wrong.
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/bench/run.ts", "--rounds", "1", "--seconds", "0.5", "--json", file], { timeout: 200_000 })
  expect(stdout).toContain("all exact")
  const result = JSON.parse(await readFile(file, "utf8")) as { calls: number; errors: string[]; books: { records: number; problems: string[] } }
  expect(result.errors).toEqual([])
  expect(result.calls).toBeGreaterThan(2_000)
  expect(result.books).toMatchObject({ records: result.calls, problems: [] })
})
