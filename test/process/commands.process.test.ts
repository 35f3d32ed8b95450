import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { livePostmaster } from "#lib/adapters/postmaster.ts"
import { build, end, type Home, makeHome, type Run, turnpike } from "./turnpike.ts"

const operator = { TURNPIKE_ADMIN_EMAIL: "ann@example.com", TURNPIKE_ADMIN_PASSWORD: "correct horse battery" }

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

async function serve(path = home.path): Promise<string> {
  server = turnpike(["start"], { TURNPIKE_HOME: path, ...operator })
  return server.ready()
}

async function command(words: readonly string[], path = home.path, settings: Readonly<Record<string, string>> = {}): Promise<{ code: number; output: string }> {
  const run = turnpike(words, { TURNPIKE_HOME: path, ...settings })
  return { code: await run.ended, output: run.output() }
}

const postgresRuns = async (path: string) => (await livePostmaster(join(path, "postgres"))) !== null

test("admin prints a sign-in link at the address of the running server, and brings the database up by itself where none runs", async () => {
  const origin = await serve()
  const beside = await command(["admin", "Ann@example.com"])
  expect(beside.output).toMatch(new RegExp(`^${origin}/sign-in/link\\?token=\\S{40,}$`, "m"))
  expect(beside.code).toBe(0)
  await end(server!)
  const alone = await command(["admin", "ann@example.com"])
  expect(alone.output).toMatch(/\/sign-in\/link\?token=\S{40,}$/m)
  expect(await postgresRuns(home.path)).toBe(false)
  expect(await command(["admin", "nobody@example.com"])).toMatchObject({ code: 1, output: expect.stringMatching(/No operator has the e-mail address/) as string })
})

test("a backup taken beside a running server brings data and secret into an empty home, and the same operator is there", async () => {
  await serve()
  const file = join(folder, "backup.turnpike")
  expect(await command(["backup", file])).toMatchObject({ code: 0, output: expect.stringMatching(/Written: .* rows, and the secret/) as string })
  expect(await command(["backup", file])).toMatchObject({ code: 2, output: expect.stringMatching(/exists/) as string })

  const other = await makeHome()
  try {
    expect(await command(["restore", file], other.path)).toMatchObject({ code: 0, output: expect.stringMatching(/^Restored: /m) as string })
    expect(await readFile(join(other.path, "secret"), "utf8")).toBe(await readFile(join(home.path, "secret"), "utf8"))
    expect((await command(["admin", "ann@example.com"], other.path)).code).toBe(0)
    expect(await command(["restore", file], other.path)).toMatchObject({ code: 1, output: expect.stringMatching(/holds data already.*--force/) as string })
    expect(await command(["restore", file, "--force"], other.path)).toMatchObject({ code: 0 })
    const foreign = await command(["restore", file, "--force"], other.path, { TURNPIKE_SECRET: "another secret of at least 32 characters" })
    expect(foreign).toMatchObject({ code: 1, output: expect.stringMatching(/TURNPIKE_SECRET is not the secret of this backup/) as string })
  } finally {
    await other.remove()
  }
})

test("a restore refuses a home whose server runs, and changes nothing", async () => {
  const origin = await serve()
  const file = join(folder, "running.turnpike")
  await command(["backup", file])
  expect(await command(["restore", file, "--force"])).toMatchObject({ code: 3, output: expect.stringContaining(origin) as string })
  expect((await fetch(`${origin}/api/health`)).status).toBe(200)
})

test("a missing or foreign file is refused in one sentence", async () => {
  const empty = await makeHome()
  try {
    expect(await command(["restore", join(folder, "absent")], empty.path)).toMatchObject({ code: 2, output: expect.stringMatching(/There is no file/) as string })
    expect(await command(["restore", join(process.cwd(), "package.json")], empty.path)).toMatchObject({ code: 1, output: expect.stringMatching(/no Turnpike backup/) as string })
  } finally {
    await empty.remove()
  }
})

test("doctor finds nothing wrong beside a running server, and names what is wrong otherwise", async () => {
  await serve()
  const healthy = await command(["doctor"])
  expect(healthy.output).not.toMatch(/^(warn|fail)/m)
  expect(healthy).toMatchObject({ code: 0, output: expect.stringMatching(/^ok {4}secret/m) as string })
  await end(server!)
  const wrong = await command(["doctor"], home.path, { TURNPIKE_SECRET: "another secret of at least 32 characters" })
  expect(wrong).toMatchObject({ code: 1, output: expect.stringMatching(/^fail {2}secret/m) as string })
  const unreachable = await command(["doctor"], home.path, { DATABASE_URL: "postgres://a:hidden@127.0.0.1:1/a" })
  expect(unreachable).toMatchObject({ code: 1, output: expect.stringMatching(/^fail {2}database .*does not answer/m) as string })
  expect(unreachable.output).not.toContain("hidden")
  expect(await postgresRuns(home.path)).toBe(false)
})
