import { execFile } from "node:child_process"
import { symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"
import pg from "pg"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { runningEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { livePostmaster } from "#lib/adapters/postmaster.ts"
import { build, end, type Home, kill, makeHome, type Run, turnpike } from "./turnpike.ts"

const START_AFTER_KILL_MS_MAX = 10_000

let home: Home
const runs: Run[] = []
const homes: Home[] = []

beforeAll(async () => {
  build()
  home = await makeHome()
  homes.push(home)
})
afterEach(async () => {
  for (const run of runs.splice(0)) await end(run)
})
afterAll(async () => {
  for (const each of homes) await each.remove()
})

function start(settings: Readonly<Record<string, string>> = {}, words: readonly string[] = []): Run {
  const run = turnpike(["start", ...words], { TURNPIKE_HOME: home.path, ...settings })
  runs.push(run)
  return run
}

async function query<T extends pg.QueryResultRow>(sql: string, path = home.path): Promise<readonly T[]> {
  const running = await runningEmbeddedPostgres(path)
  if (running === null) throw new Error("no database runs")
  const client = new pg.Client({ connectionString: running.url })
  await client.connect()
  try {
    await client.query("SELECT set_config('turnpike.scope', 'system', false)")
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

const health = async (origin: string) => {
  const response = await fetch(`${origin}/api/health`)
  return { code: response.status, ...((await response.json()) as { status: string; parts: Record<string, string> }) }
}

const postgresRuns = async (path = home.path) => (await livePostmaster(join(path, "postgres"))) !== null

test("a start ends with the address, a set-up link and a first call, and the health is 200 with every part ready", async () => {
  const run = start()
  const origin = await run.ready()
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const link = await run.printed(/^ {2}(http\S+\/setup\?token=\S{40,})$/m)
  expect(link[1]).toContain(origin)
  await run.printed(new RegExp(`curl ${origin}/api/v1/chat/completions`))
  await run.printed(/Bearer sk-tp-test-[0-9A-Za-z]{33}"/)
  const report = await health(origin)
  expect(report).toMatchObject({ code: 200, status: "ready" })
  expect(new Set(Object.values(report.parts))).toEqual(new Set(["ready"]))
  expect(run.output().match(/^ {2}\S.* \d+\.\d s$/gm)?.length).toBeGreaterThanOrEqual(3)
  expect(await end(run)).toBe(0)
  expect(await postgresRuns()).toBe(false)
})

test("the printed call works as it stands, and is charted as a test's", async () => {
  const run = start()
  await run.ready()
  // Its lines may arrive one by one: it is whole with the quote that closes the body.
  const [, printed = ""] = await run.printed(/^ {2}(curl (?:.*\\\n)+.*')\n/m)
  // The shell reads the words; what curl does with them is done here, since not every machine has it.
  const shell = await promisify(execFile)("sh", ["-c", `curl() { printf '%s\\0' "$@"; }\n${printed}`])
  const words = shell.stdout.split("\0")
  const after = (flag: string) => words.flatMap((word, i) => (words[i - 1] === flag ? [word] : []))
  const headers = after("-H").map((header) => header.split(": ") as [string, string])
  const answer = await fetch(words[0] ?? "", { method: "POST", headers, body: after("-d")[0] ?? "" })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ choices: [{ message: { content: expect.stringContaining("Hello") as string } }] })
  await end(run)
  await start().ready()
  expect(await query("SELECT test, status, count(*)::int AS calls FROM usage_record GROUP BY 1, 2")).toEqual([{ test: true, status: "complete", calls: 1 }])
})

test("SIGTERM lets a running stream end, books it, and refuses new calls meanwhile", async () => {
  const run = start()
  const origin = await run.ready()
  const key = (await run.printed(/Bearer (sk-tp-test-\w+)/))[1] ?? ""
  const call = (model: string, content: string) =>
    fetch(`${origin}/api/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content }] }),
    })
  const stream = await call("sandbox-slow", "a stream of words that takes more than a second to be sent")
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = (await reader.read()).value ?? ""
  const ended = end(run)
  await run.printed(/stopping/)
  expect((await call("sandbox", "too late")).status).toBe(503)
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
  expect(text).toMatch(/"finish_reason":"stop"[\s\S]*data: \[DONE\]\s*$/)
  expect(await ended).toBe(0)
  expect(await postgresRuns()).toBe(false)
  await start().ready()
  expect(await query("SELECT status FROM usage_record WHERE streamed")).toEqual([{ status: "complete" }])
})

test("after a kill -9 the next start is ready within ten seconds, adopts the running PostgreSQL and has lost nothing", async () => {
  const first = start()
  await first.ready()
  await query("INSERT INTO setting (name, value) VALUES ('test.kept', '7')")
  await kill(first)
  expect(await postgresRuns()).toBe(true)
  const startedMs = performance.now()
  const second = start()
  await second.ready()
  expect(performance.now() - startedMs).toBeLessThan(START_AFTER_KILL_MS_MAX)
  expect(second.output()).toContain("PostgreSQL adopted")
  expect(await query("SELECT value FROM setting WHERE name = 'test.kept'")).toEqual([{ value: 7 }])
})

test("a second start on the same home is refused and names the running process", async () => {
  const first = start()
  const origin = await first.ready()
  const second = start()
  expect(await second.ended).toBe(3)
  expect(second.output()).toContain(`process ${first.child.pid}, ${origin}`)
  expect((await health(origin)).status).toBe("ready")
})

test("a taken port is named with its variable, with exit code 2, and nothing is left running", async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
  const { port } = other.address() as { port: number }
  const run = start({ PORT: String(port) })
  expect(await run.ended).toBe(2)
  expect(run.output()).toMatch(new RegExp(`^turnpike: Port ${port} .* set PORT`, "m"))
  expect(await postgresRuns()).toBe(false)
  other.close()
})

test("a signal during the start stops it in order: exit 0 and no PostgreSQL left", async () => {
  const run = start()
  await run.printed(/PostgreSQL started/)
  expect(await end(run, "SIGINT")).toBe(0)
  expect(await postgresRuns()).toBe(false)
})

test("the environment makes the first operator, once, and no set-up link is printed any more", async () => {
  const settings = { TURNPIKE_ADMIN_EMAIL: "Ann@Example.com", TURNPIKE_ADMIN_PASSWORD: "correct horse battery" }
  for (let round = 0; round < 2; round++) {
    const run = start(round === 0 ? settings : { ...settings, TURNPIKE_ADMIN_EMAIL: "other@example.com" })
    await run.ready()
    expect(run.output()).not.toContain("/setup?token=")
    expect(await query("SELECT email FROM app_user WHERE is_operator")).toEqual([{ email: "ann@example.com" }])
    await end(run)
  }
})

test("the demo key stays switched off over restarts once somebody has revoked it", async () => {
  const first = start()
  await first.printed(/sk-tp-test-/)
  const revoked = await query("UPDATE api_key SET revoked_at = now() WHERE test AND membership_id IS NULL RETURNING id")
  expect(revoked).toHaveLength(1)
  await end(first)
  const second = start()
  await second.ready()
  expect(second.output()).not.toContain("sk-tp-test-")
  expect(await query("SELECT count(*)::int AS live FROM api_key WHERE revoked_at IS NULL")).toEqual([{ live: 0 }])
})

test("a wrong secret is refused, and the right one still works", async () => {
  const wrong = start({ TURNPIKE_SECRET: "another secret of at least 32 characters" })
  expect(await wrong.ended).toBe(1)
  expect(wrong.output()).toMatch(/^turnpike: The secret is not the one this database was made with: .*TURNPIKE_SECRET_PREVIOUS/m)
  expect(await postgresRuns()).toBe(false)
  await start().ready()
})

test("a schema newer than the program is refused by the migration's name", async () => {
  const upgraded = await makeHome()
  homes.push(upgraded)
  const settings = { TURNPIKE_HOME: upgraded.path }
  const first = start(settings)
  await first.ready()
  await query("INSERT INTO _turnpike_migration (name, checksum) VALUES ('29990101000000_future', 'x')", upgraded.path)
  await end(first)
  const refused = start(settings)
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toMatch(/^turnpike: .*29990101000000_future.*start the newer version/m)
  expect(await postgresRuns(upgraded.path)).toBe(false)
})

test("under root, a home that only root can reach works", async () => {
  const hidden = await makeHome({ open: false })
  homes.push(hidden)
  const run = start({ TURNPIKE_HOME: hidden.path })
  const origin = await run.ready()
  expect((await health(origin)).status).toBe("ready")
  expect(await end(run)).toBe(0)
})

test("a home that cannot be written is named with its cure", async () => {
  const file = await makeHome()
  homes.push(file)
  await writeFile(join(file.path, "file"), "")
  const below = start({ TURNPIKE_HOME: join(file.path, "file", "home") })
  expect(await below.ended).toBe(1)
  expect(below.output()).toMatch(/^turnpike: The home folder \S+ cannot be written .*TURNPIKE_HOME/m)

  // Root may write everywhere, so the process runs as another user there.
  const foreign = turnpike(["start"], { TURNPIKE_HOME: "/proc" }, process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {})
  expect(await foreign.ended).toBe(1)
  expect(foreign.output()).toMatch(/^turnpike: .*\/proc/m)
})

test("a full disk is named, and nothing is left running", async () => {
  const full = await makeHome()
  homes.push(full)
  await symlink("/dev/full", join(full.path, "running.json"))
  const run = start({ TURNPIKE_HOME: full.path })
  expect(await run.ended).toBe(1)
  expect(run.output()).toMatch(/^turnpike: The disk is full .*free some space/m)
})

test.each([
  ["no server", "postgres://turnpike:hidden@127.0.0.1:1/turnpike", 1, /does not answer at DATABASE_URL/],
  ["an unknown host", "postgres://turnpike:hidden@database.invalid:5432/turnpike", 1, /host of DATABASE_URL .* is unknown/],
  ["another scheme", "mysql://turnpike:hidden@127.0.0.1/turnpike", 2, /DATABASE_URL: must be a postgres:\/\/ URL/],
])("a DATABASE_URL with %s is explained in one sentence without its password", async (_what, url, code, sentence) => {
  const elsewhere = await makeHome()
  homes.push(elsewhere)
  const run = start({ TURNPIKE_HOME: elsewhere.path, DATABASE_URL: url })
  expect(await run.ended).toBe(code)
  expect(run.output()).toMatch(sentence)
  expect(run.output()).not.toContain("hidden")
  expect(run.output().trim().split("\n")).toHaveLength(1)
})

test("a DATABASE_URL with a wrong password or a missing database says which", async () => {
  const host = await makeHome()
  homes.push(host)
  const server = start({ TURNPIKE_HOME: host.path })
  await server.ready()
  const running = await runningEmbeddedPostgres(host.path)
  const good = new URL(running?.url ?? "")
  const elsewhere = await makeHome()
  homes.push(elsewhere)
  const wrong = new URL(good)
  wrong.password = "wrong"
  const refused = start({ TURNPIKE_HOME: elsewhere.path, DATABASE_URL: wrong.href })
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toMatch(/refuses the user or password of DATABASE_URL/)
  const missing = new URL(good)
  missing.pathname = "/nowhere"
  const absent = start({ TURNPIKE_HOME: elsewhere.path, DATABASE_URL: missing.href })
  expect(await absent.ended).toBe(1)
  expect(absent.output()).toMatch(/database named in DATABASE_URL .* does not exist/)
})

test("an unknown command is refused with exit code 2", async () => {
  const run = turnpike(["dance"], { TURNPIKE_HOME: home.path })
  expect(await run.ended).toBe(2)
  expect(run.output()).toContain("“dance”")
})
