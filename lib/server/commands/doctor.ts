import { existsSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { openDatabase } from "#lib/adapters/database.ts"
import { readDatabaseFacts } from "#lib/adapters/database-facts.ts"
import { hasEmbeddedPostgres, runningEmbeddedPostgres, startEmbeddedPostgres } from "#lib/adapters/embedded-postgres.ts"
import type { Command } from "../command.ts"
import type { Env } from "../env.ts"
import { exitCodes, explain, Fault, withoutPassword } from "../faults.ts"
import { describeHolder, type Holder, lockHome } from "../home.ts"
import { rememberedFingerprint } from "../secret-fingerprint.ts"
import { deriveSecrets, readRootSecret } from "../secrets.ts"

const FREE_BYTES_MIN = 1024 ** 3
const CLOCK_MS_MAX = 2_000
const POSTGRES_MAJOR_MIN = 15
const HEALTH_MS_MAX = 3_000

type Finding = { readonly level: "ok" | "warn" | "fail"; readonly subject: string; readonly says: string }

const ok = (subject: string, says: string): Finding => ({ level: "ok", subject, says })
const warn = (subject: string, says: string): Finding => ({ level: "warn", subject, says })
const fail = (subject: string, says: string): Finding => ({ level: "fail", subject, says })

/** `doctor`: looks at everything a start needs, prints one line each, changes nothing; exit code 1 where something is wrong. */
export const doctor: Command = async ({ env, now, print }, words) => {
  if (words.length > 0) throw new Fault("“doctor” takes no further words.", exitCodes.usage)
  let failures = 0
  const tell = ({ level, subject, says }: Finding) => {
    if (level === "fail") failures++
    print(`${level.padEnd(5)} ${subject.padEnd(10)} ${says}`)
  }
  tell(ok("node", process.version))
  const attempt = await attempted(env, () => lockHome(env.home, "command", now))
  if ("fault" in attempt) tell(fail("home", attempt.fault))
  else {
    try {
      const holder = attempt.value.ok ? null : (attempt.value.holder ?? unknownHolder)
      tell(await homeFinding(env))
      tell(holder === null ? await portFinding(env) : await serverFinding(holder))
      for (const finding of await databaseFindings(env, holder !== null, now)) tell(finding)
    } finally {
      if (attempt.value.ok) attempt.value.lock.release()
    }
  }
  return failures === 0 ? 0 : exitCodes.failed
}

const unknownHolder: Holder = { kind: "command", pid: 0, host: "", startedAt: "", url: null }

async function attempted<T>(env: Env, work: () => T | Promise<T>): Promise<{ readonly value: T } | { readonly fault: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    const explained = explain(error, { home: env.home, databaseUrl: env.DATABASE_URL })
    return { fault: explained instanceof Error ? explained.message : String(explained) }
  }
}

async function homeFinding({ home }: Env): Promise<Finding> {
  const { bavail, bsize } = await statfs(home)
  const free = `${(Number(bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`
  return bavail * bsize < FREE_BYTES_MIN ? warn("home", `${home}, only ${free}: make room`) : ok("home", `${home}, ${free}`)
}

async function serverFinding(holder: Holder): Promise<Finding> {
  if (holder.url === null) return warn("server", `${describeHolder(holder)} holds the home and does not listen yet`)
  const response = await fetch(`${holder.url}/api/health`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) }).catch(() => null)
  if (response === null) return warn("server", `runs (${describeHolder(holder)}), but does not answer at that address from here`)
  const report = JSON.stringify(await response.json().catch(() => null))
  return response.ok ? ok("server", `runs (${describeHolder(holder)}): ${report}`) : fail("server", `runs (${describeHolder(holder)}) and is not ready: ${report}`)
}

async function portFinding({ HOST, PORT }: Env): Promise<Finding> {
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const probe = createServer().once("error", resolve)
    probe.listen(PORT, HOST, () => probe.close(() => resolve(null)))
  })
  return failure === null ? ok("port", `${HOST}:${PORT} is free; no server runs on this home`) : fail("port", `${HOST}:${PORT} cannot be opened (${failure.code}): set PORT or HOST`)
}

async function databaseFindings(env: Env, held: boolean, now: () => number): Promise<readonly Finding[]> {
  const opened = await attempted(env, async () => {
    if (env.DATABASE_URL !== undefined) return lookAt(env, env.DATABASE_URL, withoutPassword(env.DATABASE_URL), now)
    if (!(await hasEmbeddedPostgres(env.home))) return [ok("database", "none yet: the first start makes it")]
    if (held) {
      const running = await runningEmbeddedPostgres(env.home)
      return running === null ? [warn("database", "the embedded PostgreSQL is not up yet")] : lookAt(env, running.url, "embedded, running", now)
    }
    const server = await startEmbeddedPostgres(env.home)
    try {
      return await lookAt(env, server.url, "embedded, started for this look", now)
    } finally {
      await server.stop()
    }
  })
  return "fault" in opened ? [fail("database", opened.fault)] : opened.value
}

async function lookAt(env: Env, url: string, what: string, now: () => number): Promise<readonly Finding[]> {
  const facts = await readDatabaseFacts(url, now)
  const findings: Finding[] = [
    Number.parseInt(facts.version, 10) < POSTGRES_MAJOR_MIN ? fail("database", `PostgreSQL ${facts.version} (${what}): version ${POSTGRES_MAJOR_MIN} or newer is needed`) : ok("database", `PostgreSQL ${facts.version} (${what})`),
  ]
  if (facts.bypassesRowSecurity) findings.push(warn("role", "is a superuser or has BYPASSRLS: row-level security, the second guard between tenants, does not bind it; give Turnpike a plain role"))
  if (Math.abs(facts.clockAheadMs) > CLOCK_MS_MAX) findings.push(warn("clock", `the database's is ${facts.clockAheadMs} ms ahead of this machine's: synchronize both`))
  if (facts.unknown.length > 0) findings.push(fail("schema", `is newer than this program (${facts.unknown.join(", ")}): start the newer version`))
  else findings.push(ok("schema", facts.missing.length === 0 ? "is up to date" : `the next start applies ${facts.missing.length} migrations`))
  if (facts.missing.length === 0) findings.push(await secretFinding(env, url))
  return findings
}

async function secretFinding(env: Env, url: string): Promise<Finding> {
  if (env.TURNPIKE_SECRET === undefined && !existsSync(join(env.home, "secret"))) return fail("secret", "is neither in TURNPIKE_SECRET nor in the home folder, but the database was made with one: put it back")
  const { fingerprint, previousFingerprint } = deriveSecrets(readRootSecret(env.home, env.TURNPIKE_SECRET), env.TURNPIKE_SECRET_PREVIOUS)
  const database = openDatabase(url, 2)
  try {
    const remembered = await rememberedFingerprint(database)
    if (remembered === undefined || remembered === fingerprint) return ok("secret", "is the one this database was made with")
    if (remembered === previousFingerprint) return ok("secret", "will be rotated by the next start")
    return fail("secret", "is not the one this database was made with: put that one back")
  } finally {
    await database.close()
  }
}
