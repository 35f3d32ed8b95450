import { getRandomValues } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import type { UpstreamPort } from "#lib/gateway/ports.ts"
import { bench, channel, config, model, principal, target } from "#lib/gateway/test/fakes.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import { ratesInput } from "#lib/ledger/rates.ts"
import type { QuotaDefinition } from "#lib/quota/types.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { makeOrganization, makeQuota, windowOf } from "#test/money.ts"
import { createMoney, type Money } from "./money.ts"

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))
const DOLLAR = 1_000_000_000n

let database: TestDatabase
let home: string
let running: Money[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "turnpike-limits-"))
})
afterEach(async () => {
  await Promise.all(running.map((money) => money.stop()))
  running = []
  rmSync(home, { recursive: true, force: true })
})

/** What each played answer is: of so many tokens, so many per piece of a stream, at so many dollars per million. */
type Plan = { readonly tokens: number; readonly perChunk: number; readonly dollarsPerMillion: string }

const INPUT_TOKENS = 10
/** A whole stream takes a second: longer than processes need to hear of each other. */
const CHUNK_MS = 3
const event = (fields: object) => Buffer.from(`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", ...fields })}\n\n`)

/** A provider that writes four characters a token, heeds its bound and back-pressure, and says at the end what it used. */
function provider({ tokens, perChunk }: Plan) {
  const asked: number[] = []
  const port: UpstreamPort = {
    call({ body }, sink) {
      const { stream, max_tokens: bound } = JSON.parse(body.toString()) as { readonly stream?: boolean; readonly max_tokens: number }
      asked.push(bound)
      const produced = Math.min(tokens, bound)
      const usage = { prompt_tokens: INPUT_TOKENS, completion_tokens: produced, total_tokens: INPUT_TOKENS + produced }
      let gone = false
      let go = () => {}
      const answer = async () => {
        await sleep(5)
        if (gone) return
        sink.onHead(200, { "content-type": stream === true ? "text/event-stream" : "application/json" })
        if (stream !== true) sink.onData(Buffer.from(JSON.stringify({ id: "chatcmpl-1", choices: [{ index: 0, message: { content: "x" }, finish_reason: "stop" }], usage })))
        else await streamTo(produced, usage)
        if (!gone) sink.onEnd()
      }
      const streamTo = async (total: number, counts: object) => {
        for (let sent = 0; sent < total && !gone; sent += perChunk) {
          const content = "abcd".repeat(Math.min(perChunk, total - sent))
          const resumed = new Promise<void>((resolve) => (go = resolve))
          if (!sink.onData(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }))) await resumed
          await sleep(CHUNK_MS)
        }
        if (!gone) sink.onData(Buffer.concat([event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }), event({ choices: [], usage: counts }), Buffer.from("data: [DONE]\n\n")]))
      }
      void answer()
      return {
        resume: () => go(),
        abort: () => {
          gone = true
          go()
        },
      }
    },
  }
  return { port, asked }
}

/** Gateways of several processes in front of one provider, all with the same limits. */
async function start(plan: Plan, quotas: readonly QuotaDefinition[], organizationId: Id<"organization">, processes: number) {
  const rates = ratesInput.parse({ input: plan.dollarsPerMillion, output: plan.dollarsPerMillion })
  const priced = { id: priceVersionId(rates), rates }
  const channels = config(model("public", [target(channel("a"), { price: { cost: priced, sell: priced, markupPpm: null } })], { outputTokensMax: 128_000 }))
  const upstream = provider(plan)
  const gateways = await Promise.all(
    Array.from({ length: processes }, async (_, number) => {
      const money = createMoney({ home: join(home, String(number)), database, databaseUrl: database.url, clock: systemClock, newId, log: () => {} })
      await money.start()
      running.push(money)
      const ports = { clock: systemClock, newId, quota: money.quota, spool: money.spool, upstream: upstream.port }
      return bench({ config: channels, principal: principal({ organizationId, quotas }), ports })
    }),
  )
  const call = async (number: number, fields: object) => gateways[number % processes]!.chat(fields).over
  return { call, asked: upstream.asked }
}

/** Books everything; resolves to what was charged. */
async function settleAll(organizationId: string): Promise<bigint> {
  await Promise.all(running.map((money) => money.stop()))
  running = []
  expect((await auditBooks(database)).differences).toEqual([])
  const records = await database.system((transaction) => transaction.usageRecord.findMany({ where: { organizationId } }))
  return records.reduce((sum, record) => sum + record.chargedNanoUsd, 0n)
}

const lastChunk = (body: string) => JSON.parse(body.split("\n\n").at(-3)?.slice("data: ".length) ?? "{}") as { choices: { finish_reason: string }[]; turnpike?: { limit: string } }

test("a thousand calls at once in three processes never pass a $1 wallet, and at least 99 % of it can be used", async () => {
  const { id, wallet } = await makeOrganization(database, { walletNanoUsd: DOLLAR })
  const quotas = [wallet as QuotaDefinition]
  const { call } = await start({ tokens: 1_000, perChunk: 1, dollarsPerMillion: "2" }, quotas, id, 3)
  let served = 0
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => call(i, { max_tokens: 1_200 })))
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].filter((status) => status !== 200 && status !== 402)).toEqual([])
    const { used, leased } = await windowOf(database, quotas[0]!)
    expect(used + leased).toBeLessThanOrEqual(DOLLAR)
    served += answers.filter(({ status }) => status === 200).length
    if (!statuses.has(200)) break
  }
  const charged = await settleAll(id)
  expect(charged).toBeLessThanOrEqual(DOLLAR)
  expect(charged).toBeGreaterThanOrEqual((DOLLAR * 99n) / 100n)
  expect(served).toBeGreaterThan(490)
  expect(await windowOf(database, quotas[0]!)).toEqual({ used: charged, leased: 0n })
}, 60_000)

test("fifty sessions that each ask for 128 K of output on a $25 budget are neither refused nor cut nor clamped while $0.10 is spent", async () => {
  const { id } = await makeOrganization(database)
  const budget = await makeQuota(database, { organizationId: id, limit: 25n * DOLLAR })
  const { call, asked } = await start({ tokens: 123, perChunk: 3, dollarsPerMillion: "15" }, [budget], id, 2)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => call(i, { stream: true, max_tokens: 128_000 })))
  for (const { status, headers, body } of answers) {
    expect(status).toBe(200)
    expect(headers["x-turnpike-changed"]).toBeUndefined()
    expect(lastChunk(body)).toMatchObject({ choices: [{ finish_reason: "stop" }] })
  }
  expect(asked).toEqual(Array.from({ length: 50 }, () => 128_000))
  const charged = await settleAll(id)
  expect(charged).toBe(50n * (123n + 10n) * 15_000n)
  expect(charged).toBeGreaterThan(DOLLAR / 11n)
})

describe("fifty streams that together would cost $30 on a $25 budget", () => {
  test.each([
    ["of many cheap tokens in one process", { tokens: 40_000, perChunk: 100, dollarsPerMillion: "15" }, 1],
    ["of many cheap tokens in three processes", { tokens: 40_000, perChunk: 100, dollarsPerMillion: "15" }, 3],
    ["of few dear tokens in one process", { tokens: 600, perChunk: 2, dollarsPerMillion: "1000" }, 1],
    ["of few dear tokens in three processes", { tokens: 600, perChunk: 2, dollarsPerMillion: "1000" }, 3],
  ])("%s all start, use the budget up and no more, and those that are cut say why", async (_, plan, processes) => {
    const { id } = await makeOrganization(database)
    const budget = await makeQuota(database, { organizationId: id, limit: 25n * DOLLAR, window: "month" })
    const { call } = await start(plan, [budget], id, processes)
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => call(i, { stream: true, max_tokens: Math.max(plan.tokens, 1_000) })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
    const ends = answers.map(({ body }) => lastChunk(body))
    const cut = ends.filter(({ choices }) => choices[0]?.finish_reason === "length")
    expect(cut.length).toBeGreaterThan(0)
    for (const { turnpike } of cut) expect(turnpike?.limit).toContain("The organization's budget of $25.00 a month is used up.")
    for (const { body } of answers) expect(body.endsWith("data: [DONE]\n\n")).toBe(true)
    const charged = await settleAll(id)
    expect(charged).toBeLessThanOrEqual(25n * DOLLAR)
    expect(charged).toBeGreaterThanOrEqual((245n * DOLLAR) / 10n)
    expect(await windowOf(database, budget)).toEqual({ used: charged, leased: 0n })
  }, 60_000)
})
