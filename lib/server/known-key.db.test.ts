import { AsyncLocalStorage } from "node:async_hooks"
import { createSecretKey, getRandomValues } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { type ChangeFeed, createChangeFeed } from "#lib/adapters/changes.ts"
import { createKeyDirectory } from "#lib/adapters/key-directory.ts"
import { hashSecret, isPlausible, newSecret } from "#lib/features/keys/secret.ts"
import type { UpstreamPort } from "#lib/gateway/ports.ts"
import { bench, channel, config, model, target } from "#lib/gateway/test/fakes.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { dollarPrice, makeOrganization, makeQuota } from "#test/money.ts"
import { createMoney, type Money } from "./money.ts"

const DOLLAR = 1_000_000_000n
const CALLS = 500
/** Its calendar stands still: at midnight a new day's window would rightly be asked for. */
const startedMs = Date.now()
const clock = { ...systemClock, now: () => startedMs }
const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))
const pepper = createSecretKey(getRandomValues(new Uint8Array(32)))
const hash = (secret: string) => hashSecret(pepper, secret)

/** The call in whose name something runs, and how many statements were sent to PostgreSQL in it. What runs in no call's name is the workers'. */
const calls = new AsyncLocalStorage<{ statements: number }>()
const workers = { statements: 0 }
/** Every client of the process, the pools' among them, sends its statements through here. */
const query = pg.Client.prototype.query
vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...parameters: unknown[]) {
  ;(calls.getStore() ?? workers).statements++
  return Reflect.apply(query, this, parameters) as never
})

let database: TestDatabase
let changes: ChangeFeed
let money: Money
const home = mkdtempSync(join(tmpdir(), "turnpike-known-"))
beforeAll(async () => {
  database = await createTestDatabase()
  changes = createChangeFeed({ url: database.url, log: () => {} })
  await changes.start()
  money = createMoney({ home, database, databaseUrl: database.url, clock, newId, log: () => {} })
  await money.start()
})
afterAll(async () => {
  await money.stop()
  await changes.stop()
  await database.drop()
  rmSync(home, { recursive: true, force: true })
})

const answer = Buffer.from(JSON.stringify({ id: "chatcmpl-1", choices: [{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }))
const upstream: UpstreamPort = {
  call(_request, sink) {
    setImmediate(() => {
      sink.onHead(200, { "content-type": "application/json" })
      sink.onData(answer)
      sink.onEnd()
    })
    return { resume: () => {}, abort: () => {} }
  },
}

/** A gateway with the real directory, leases and spool, and a key of an organization on which ten quotas bear. */
async function start() {
  const { id: organizationId } = await makeOrganization(database, { walletNanoUsd: 1_000n * DOLLAR })
  const secret = newSecret(getRandomValues, { test: false })
  await database.organization(organizationId, async (transaction) => {
    await transaction.project.create({ data: { id: "proj_known", organizationId, name: "web" } })
    await transaction.apiKey.create({ data: { id: "key_known", organizationId, projectId: "proj_known", name: "known", secretHash: hash(secret), prefix: "sk-tp-" } })
  })
  for (const [scope, scopeId] of [["organization", organizationId], ["project", "proj_known"], ["key", "key_known"]] as const) {
    for (const window of ["total", "day", "month"] as const) await makeQuota(database, { organizationId, scope, scopeId, window, limit: 1_000n * DOLLAR })
  }
  const keys = createKeyDirectory({ database, changes, clock, secrets: { plausible: isPlausible, hashes: [hash] }, log: () => {} })
  const { start: begin } = bench({
    config: config(model("public", [target(channel("a"), { price: dollarPrice })])),
    ports: { keys, clock, newId, quota: money.quota, spool: money.spool, upstream },
  })
  const body = JSON.stringify({ model: "public", messages: [{ role: "user", content: "hi" }], max_tokens: 100 })
  const call = () => {
    const counted = { statements: 0 }
    return calls.run(counted, async () => {
      const { status } = await begin({ headers: { authorization: `Bearer ${secret}` }, body }).over
      return { status, statements: counted.statements }
    })
  }
  const principal = async () => {
    const found = await keys.find(secret)
    return found.kind === "found" ? found.principal : null
  }
  return { call, principal }
}

test(`${CALLS} calls of a known key with ten quotas send no statement to the database; what is booked, the workers send`, async () => {
  const { call, principal } = await start()
  const first = await call()
  expect(first.status).toBe(200)
  // The counter counts: of a key that is not known yet both the key and the leases are asked for.
  expect(first.statements).toBeGreaterThan(1)
  expect((await principal())?.quotas).toHaveLength(10)
  const before = workers.statements
  for (let i = 0; i < CALLS; i++) expect(await call()).toEqual({ status: 200, statements: 0 })
  await vi.waitFor(() => expect(money.figures.unbooked).toBe(0), { timeout: 10_000 })
  expect(workers.statements).toBeGreaterThan(before)
  expect(await database.system((transaction) => transaction.usageRecord.count({ where: { keyId: "key_known" } }))).toBe(CALLS + 1)
})
