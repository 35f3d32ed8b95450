import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { build, end, type Home, makeHome, type Run, turnpike } from "./turnpike.ts"

const FOLLOW_MS_MAX = 1_000
const secret = "brought-from-elsewhere-0123456789"
const file = (name: string) => `version: 1\norganizations:\n  - { name: Acme, keys: [{ name: "${name}", secret: "\${ACME_KEY}" }] }\n`

let home: Home
let folder: string
let server: Run | undefined

beforeAll(async () => {
  build()
  home = await makeHome()
  folder = await mkdtemp(join(tmpdir(), "turnpike-files-"))
})
afterEach(async () => {
  if (server !== undefined) await end(server)
  server = undefined
})
afterAll(async () => {
  await home.remove()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** Runs `apply` and keeps standard output apart from what accompanies it. */
async function apply(words: readonly string[], settings: Readonly<Record<string, string>> = { ACME_KEY: secret }) {
  const run = turnpike(["apply", ...words], { TURNPIKE_HOME: home.path, ...settings })
  let stdout = ""
  run.child.stdout?.on("data", (chunk: string) => (stdout += chunk))
  return { code: await run.ended, stdout, output: run.output() }
}

const statusOf = async (origin: string) => (await fetch(`${origin}/api/v1/key`, { headers: { authorization: `Bearer ${secret}` } })).status

test("apply brings the database up by itself, prints JSON alone, and says on which line a file is wrong", async () => {
  const path = await write("alone.yaml", file("laptop"))
  const dry = await apply([path, "--dry-run"])
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("dry run, nothing was changed (2 created") as string })
  const made = await apply([path, "--json"])
  expect(made.code).toBe(0)
  expect(JSON.parse(made.stdout)).toMatchObject({ created: ["organization Acme", "organization Acme, key laptop"], updated: [], unchanged: 0, keys: [] })
  expect(JSON.parse((await apply([path, "--json"])).stdout)).toMatchObject({ created: [], updated: [], unchanged: 2 })
  expect(await apply([path], {})).toMatchObject({ code: 1, stdout: "", output: expect.stringMatching(/alone\.yaml:3: the environment variable ACME_KEY is not set/) as string })
  expect(await apply(["--json"])).toMatchObject({ code: 2 })
})

test("a running server follows a file within a second, and applies the one that TURNPIKE_CONFIG names when it starts", async () => {
  const configured = await write("configured.yaml", "version: 1\norganizations: [{ name: Beta, keys: [{ name: made }] }]\n")
  server = turnpike(["start"], { TURNPIKE_HOME: home.path, TURNPIKE_CONFIG: configured })
  const origin = await server.ready()
  expect(server.output()).toMatch(/^\+ organization Beta, key made$/m)
  expect(server.output()).toMatch(/^ {2}sk-tp-[0-9A-Za-z]{33}$/m)

  const other = "another-key-from-elsewhere-0123456789"
  const follows = async (status: number) => {
    const appliedAtMs = performance.now()
    while ((await statusOf(origin)) !== status) {
      expect(performance.now() - appliedAtMs).toBeLessThan(FOLLOW_MS_MAX)
      await sleep(20)
    }
  }
  expect(await apply([await write("alone.yaml", file("laptop"))])).toMatchObject({ code: 0 })
  await follows(200)
  // The key's new secret takes the old one's place.
  expect(await apply([await write("alone.yaml", file("laptop"))], { ACME_KEY: other })).toMatchObject({ code: 0 })
  await follows(401)
})

test("a server does not start on a file that is wrong", async () => {
  server = turnpike(["start"], { TURNPIKE_HOME: home.path, TURNPIKE_CONFIG: await write("wrong.yaml", "version: 1\nplan: []\n") })
  expect(await server.ended).toBe(1)
  expect(server.output()).toMatch(/Nothing was applied\.\n.*wrong\.yaml:2: plan: unknown field/)
  server = undefined
})
