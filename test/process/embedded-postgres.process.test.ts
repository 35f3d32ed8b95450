import { spawn, type ChildProcess } from "node:child_process"
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import { livePostmaster } from "#lib/adapters/postmaster.ts"

let home: string
let running: EmbeddedPostgres | undefined
const others: ChildProcess[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "turnpike-postgres-"))
  await chmod(home, 0o755)
})
afterEach(async () => {
  for (const other of others.splice(0)) other.kill("SIGKILL")
  await running?.stop()
  running = undefined
})
afterAll(() => rm(home, { recursive: true, force: true }))

const data = () => join(home, "postgres")
const pidFile = () => join(data(), "postmaster.pid")

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on("error", () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}

test("a first start makes a database whose role is bound by row-level security, and keeps the passwords private", async () => {
  running = await startEmbeddedPostgres(home)
  expect(running.adopted).toBe(false)
  expect(await query(running.url, "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")).toEqual([
    { rolsuper: false, rolbypassrls: false, rolcreaterole: false },
  ])
  expect((await stat(join(home, "postgres-passwords.json"))).mode & 0o777).toBe(0o600)
  await query(running.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
})

test("a server that is left running is adopted with its data, and an orderly stop leaves none", async () => {
  const first = await startEmbeddedPostgres(home)
  running = await startEmbeddedPostgres(home)
  expect(running.adopted).toBe(true)
  expect(running.url).toBe(first.url)
  expect(await query(running.url, "SELECT n FROM kept")).toEqual([{ n: 7 }])
  await running.stop()
  expect(await livePostmaster(data())).toBeNull()
  await running.stop()
})

test("a server killed with its backends at work comes back with what was committed", async () => {
  const first = await startEmbeddedPostgres(home)
  const busy = query(first.url, "SELECT pg_sleep(60)").catch(() => {})
  await query(first.url, "INSERT INTO kept VALUES (8)")
  process.kill((await livePostmaster(data()))!.pid, "SIGKILL")
  running = await startEmbeddedPostgres(home)
  expect(running.adopted).toBe(false)
  expect(await query(running.url, "SELECT n FROM kept ORDER BY n")).toEqual([{ n: 7 }, { n: 8 }])
  await busy
})

test("a pid file whose process id now belongs to another program does not stand in the way", async () => {
  const first = await startEmbeddedPostgres(home)
  const lines = (await readFile(pidFile(), "utf8")).split("\n")
  await first.stop()
  // Under the same user as the server, so that PostgreSQL itself would believe in it.
  const { uid, gid } = await stat(data())
  const other = spawn("sleep", ["60"], { uid, gid })
  others.push(other)
  await sleep(100)
  await writeFile(pidFile(), [String(other.pid), ...lines.slice(1)].join("\n"))
  running = await startEmbeddedPostgres(home)
  expect(running.adopted).toBe(false)
  expect(other.exitCode).toBeNull()
})

test("a set-up that was cut short is begun again", async () => {
  const broken = await mkdtemp(join(tmpdir(), "turnpike-postgres-"))
  await chmod(broken, 0o755)
  try {
    await (await startEmbeddedPostgres(broken)).stop()
    // What an initdb killed at its end leaves: everything but the rename.
    await rename(join(broken, "postgres"), join(broken, "postgres.new"))
    const again = await startEmbeddedPostgres(broken)
    await again.stop()
    expect(again.adopted).toBe(false)
  } finally {
    await rm(broken, { recursive: true, force: true })
  }
})

test("passwords that do not belong to the data are named, at once", async () => {
  const first = await startEmbeddedPostgres(home)
  running = first
  const file = join(home, "postgres-passwords.json")
  const kept = await readFile(file, "utf8")
  await writeFile(file, JSON.stringify({ superuser: "wrong", role: "wrong" }))
  try {
    await expect(startEmbeddedPostgres(home)).rejects.toThrow(/postgres-passwords\.json does not belong/)
  } finally {
    await writeFile(file, kept)
  }
})

test("under root, a home that other users cannot reach works from /var/lib/turnpike, and stays there", async () => {
  const hidden = await mkdtemp(join(tmpdir(), "turnpike-hidden-"))
  await chmod(hidden, 0o700)
  let place: string | undefined
  try {
    const first = await startEmbeddedPostgres(hidden)
    await query(first.url, "CREATE TABLE kept (n int)")
    await first.stop()
    const memory = await readFile(join(hidden, "postgres.json"), "utf8").catch(() => undefined)
    expect(memory !== undefined).toBe(process.getuid?.() === 0)
    if (memory !== undefined) place = join("/var/lib/turnpike", (JSON.parse(memory) as { id: string }).id)
    // Made reachable later, it must not begin again with an empty database.
    await chmod(hidden, 0o755)
    const second = await startEmbeddedPostgres(hidden)
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([])
    await second.stop()
  } finally {
    await rm(hidden, { recursive: true, force: true })
    if (place !== undefined) await rm(place, { recursive: true, force: true })
  }
})
