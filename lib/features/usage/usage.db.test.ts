import pg from "pg"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import type { Member, Role } from "#lib/kernel/actor.ts"
import type { UsageHourlyCreateManyInput } from "#prisma/generated/models.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { joined } from "#test/joined.ts"
import { createUsageRepository, createUsageService, type UsageQuery, type UsageService, usageQuery } from "./index.ts"

const NOW = Date.parse("2026-03-10T12:00:00Z")
let database: TestDatabase
let usage: UsageService

const member = (role: Role, name = "ann", organization = "a"): Member => ({
  kind: "member",
  userId: `user_${name}`,
  email: `${name}@example.com`,
  name: null,
  isOperator: false,
  sessionId: "ses_1",
  organizationId: `org_${organization}`,
  organizationSlug: organization,
  organizationName: organization,
  timeZone: "Asia/Shanghai",
  membershipId: `mem_${name}`,
  role,
})
const query = (input: Partial<UsageQuery> = {}): UsageQuery => usageQuery.parse(input)

const hour = (at: string, fields: Partial<UsageHourlyCreateManyInput> = {}): UsageHourlyCreateManyInput => ({
  organizationId: "org_a",
  hour: new Date(at),
  model: "glm-4.6",
  membershipId: "mem_ann",
  keyId: "key_ann",
  projectId: "",
  channelId: "chan_1",
  test: false,
  requests: 1n,
  input: 10n,
  output: 5n,
  chargedNanoUsd: 1_000n,
  costNanoUsd: 700n,
  ...fields,
})

const record = (id: string, at: string, fields: object = {}) => ({
  id: `req_${id}`,
  admittedAt: new Date(at),
  organizationId: "org_a",
  membershipId: "mem_ann",
  keyId: "key_ann",
  model: "glm-4.6",
  upstreamModel: "glm-4.6",
  channelId: "chan_1",
  providerId: "zhipu",
  dialect: "cc",
  endpoint: "chat/completions",
  streamed: false,
  status: "complete" as const,
  usage: {},
  costPriceId: "price_c",
  sellPriceId: "price_s",
  costNanoUsd: 700n,
  chargedNanoUsd: 1_000n,
  holdNanoUsd: 5_000n,
  durationMs: 420,
  processId: "proc_1",
  ...fields,
})

beforeAll(async () => {
  database = await createTestDatabase()
  usage = createUsageService({ repository: createUsageRepository(database), clock: { now: () => NOW, monotonic: () => 0 } })
  await database.system(async (transaction) => {
    for (const name of ["a", "b"]) await transaction.organization.create({ data: { id: `org_${name}`, slug: name, name, kind: "customer", hasWallet: false } })
    for (const name of ["ann", "ben"]) {
      await transaction.user.create({ data: { id: `user_${name}`, email: `${name}@example.com`, name: name === "ann" ? "Ann" : null } })
      await transaction.membership.create({ data: { id: `mem_${name}`, organizationId: "org_a", userId: `user_${name}`, role: "member" } })
      await transaction.apiKey.create({ data: { id: `key_${name}`, organizationId: "org_a", membershipId: `mem_${name}`, name: `${name}'s laptop`, secretHash: name, prefix: `sk-tp-${name}` } })
    }
    await transaction.usageHourly.createMany({
      data: [
        // 16:00 UTC is midnight in Shanghai: the first counts to the 8th, the second to the 9th.
        hour("2026-03-08T15:00:00Z"),
        hour("2026-03-08T16:00:00Z", { chargedNanoUsd: 3_000n }),
        hour("2026-03-09T03:00:00Z", { membershipId: "mem_ben", keyId: "key_ben", model: "fast", requests: 4n, failures: 1n, chargedNanoUsd: 9_000n }),
        hour("2026-03-09T03:00:00Z", { membershipId: "", keyId: "key_gone", chargedNanoUsd: 500n }),
        hour("2026-03-09T03:00:00Z", { test: true, chargedNanoUsd: 777n }),
        hour("2026-03-09T03:00:00Z", { organizationId: "org_b", chargedNanoUsd: 99_999n }),
        hour("2025-01-01T00:00:00Z", { chargedNanoUsd: 88_888n }),
      ],
    })
    await transaction.usageRecord.createMany({
      data: [
        ...Array.from({ length: 30 }, (_, index) => record(String(index).padStart(3, "0"), "2026-03-09T03:00:00.000Z")),
        record("ben", "2026-03-09T04:00:00Z", { membershipId: "mem_ben", keyId: "key_ben", input: 0n, output: null, status: "failed", errorCode: "upstream_failed", chargedNanoUsd: 0n }),
        record("test", "2026-03-09T05:00:00Z", { test: true }),
        record("other", "2026-03-09T06:00:00Z", { organizationId: "org_b" }),
      ],
    })
  })
})
afterAll(() => database.drop())

test("days begin at midnight of the organization's time zone", async () => {
  const report = await usage.report(member("owner"), query({ range: "7d" }))
  expect([report.first, report.last]).toEqual(["2026-03-04", "2026-03-10"])
  expect(report.cells.map((cell) => [cell.day, cell.groupId, cell.sums.charged])).toEqual([
    ["2026-03-08", "glm-4.6", 1_000n],
    ["2026-03-09", "fast", 9_000n],
    ["2026-03-09", "glm-4.6", 3_500n],
  ])
})

test("totals hold every call of the organization in the range, and nothing of another's, of the sandbox or of another time", async () => {
  const { totals, otherMode, mode } = await usage.report(member("billing"), query({ range: "7d" }))
  expect(totals).toEqual({ requests: 7, failures: 1, input: 40, cacheRead: 0, cacheWrite: 0, output: 20, charged: 13_500n })
  expect({ mode, otherMode }).toEqual({ mode: "live", otherMode: true })
})

test("a member sees their own calls alone, whatever they ask for; every other role all of them", async () => {
  const own = await usage.report(member("member"), query({ range: "7d", by: "member" }))
  expect(own.by).toBe("model")
  expect(own.totals.charged).toBe(4_000n)
  const { calls } = await usage.calls(member("member"), query({ range: "7d" }), "live")
  expect(new Set(calls.map((call) => call.key.id))).toEqual(new Set(["key_ann"]))
  for (const role of ["owner", "admin", "billing", "viewer"] as const) expect((await usage.report(member(role), query({ range: "7d" }))).totals.charged).toBe(13_500n)
})

test("what was lately spent is known of each project, member and key, those that replaced each other as one, and of test calls nothing", async () => {
  await database.system((transaction) => transaction.apiKey.create({ data: { id: "key_ann2", organizationId: "org_a", membershipId: "mem_ann", name: "laptop", secretHash: "ann2", prefix: "p", limitsOfId: "key_ann" } }))
  const later = hour("2026-03-10T10:00:00Z", { keyId: "key_ann2", projectId: "proj_1", chargedNanoUsd: 20n })
  await database.system((transaction) => transaction.usageHourly.create({ data: later }))
  const spend = await usage.recentSpend(member("owner"))
  const firstMs = Date.parse("2026-03-08T15:00:00Z")
  expect(spend.get("organization org_a")).toEqual({ firstMs, spent: { day: 20n, week: 13_520n } })
  expect(spend.get("key key_ann")).toEqual({ firstMs, spent: { day: 20n, week: 4_020n } })
  expect(spend.get("member mem_ben")).toEqual({ firstMs: Date.parse("2026-03-09T03:00:00Z"), spent: { day: 0n, week: 9_000n } })
  expect(spend.get("project proj_1")).toEqual({ firstMs: Date.parse("2026-03-10T10:00:00Z"), spent: { day: 20n, week: 20n } })
  expect([...(await usage.recentSpend(member("member"))).keys()].toSorted()).toEqual(["key key_ann", "member mem_ann"])
  expect(await usage.walletForecast(member("member"), "org_a", [{ remaining: 1n, endsAtMs: null }])).toBeNull()
  const untilTwice = { kind: "spent", atMs: NOW + (NOW - firstMs), isNear: false }
  expect(await usage.walletForecast(member("owner"), "org_a", [{ remaining: 13_520n, endsAtMs: null }])).toEqual(untilTwice)
  expect(await usage.walletForecast({ ...member("member"), kind: "person", isOperator: true }, "org_a", [{ remaining: 13_520n, endsAtMs: null }])).toEqual(untilTwice)
  expect(await usage.walletForecast(member("owner", "eve", "b"), "org_a", [{ remaining: 13_520n, endsAtMs: null }])).toBeNull()
  await database.system((transaction) => transaction.usageHourly.deleteMany({ where: { keyId: "key_ann2" } }))
})

test("groups are named, ordered by the measure, and say so where a name is gone", async () => {
  const byMember = await usage.report(member("admin"), query({ range: "7d", by: "member" }))
  expect(byMember.groups.map(({ group, sums }) => [group.name, group.hint, sums.charged])).toEqual([
    ["ben@example.com", null, 9_000n],
    ["Ann", "ann@example.com", 4_000n],
    [null, null, 500n],
  ])
  const byKey = await usage.report(member("admin"), query({ range: "7d", by: "key", measure: "tokens" }))
  expect(byKey.groups.map(({ group }) => [group.name, group.hint])).toEqual([["ann's laptop", "sk-tp-ann"], ["ben's laptop", "sk-tp-ben"], [null, null]])
})

test("what the chart has no colour for is drawn together and still counted", async () => {
  await database.system((transaction) => transaction.usageHourly.createMany({ data: Array.from({ length: 12 }, (_, index) => hour("2026-02-01T03:00:00Z", { model: `m${index}`, chargedNanoUsd: BigInt(100 - index) })) }))
  const report = await usage.report(member("owner"), query({ range: "custom", from: "2026-02-01", to: "2026-02-02" }))
  expect(report.charted).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6"])
  expect(report.cells.find((cell) => cell.groupId === null)?.sums).toMatchObject({ requests: 5, charged: BigInt(93 + 92 + 91 + 90 + 89) })
  expect(report.groups).toHaveLength(12)
})

test("test calls are shown unasked only where there is nothing else", async () => {
  expect((await usage.report(member("owner"), query({ range: "7d", mode: "test" }))).totals.charged).toBe(777n)
  await database.system((transaction) => transaction.usageHourly.create({ data: hour("2026-01-01T00:00:00Z", { test: true, chargedNanoUsd: 5n }) }))
  const report = await usage.report(member("owner"), query({ range: "custom", from: "2026-01-01", to: "2026-01-02" }))
  expect([report.mode, report.otherMode, report.totals.charged]).toEqual(["test", false, 5n])
})

test("the list of calls is read to its end without a gap or a repetition, even within one millisecond", async () => {
  const seen: string[] = []
  let before: string | undefined
  do {
    const page = await usage.calls(member("owner"), query({ range: "7d", ...(before !== undefined && { before }) }), "live")
    expect(page.calls.length).toBeLessThanOrEqual(25)
    seen.push(...page.calls.map((call) => call.id))
    before = page.next ?? undefined
  } while (before !== undefined)
  expect(seen).toEqual(["req_ben", ...Array.from({ length: 30 }, (_, index) => `req_${String(29 - index).padStart(3, "0")}`)])
})

test("a call keeps unknown apart from zero, and carries no cost of the house", async () => {
  const { calls } = await usage.calls(member("owner"), query({ range: "7d" }), "live")
  expect(calls[0]).toMatchObject({ id: "req_ben", input: 0, output: null, status: "failed", errorCode: "upstream_failed", charged: 0n, member: { name: "ben@example.com" } })
  expect(JSON.stringify(calls, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))).not.toMatch(/700|chan_|price_/)
})

test("another organization's member gets another organization's usage", async () => {
  const report = await usage.report(member("owner", "zoe", "b"), query({ range: "7d" }))
  expect(report.totals.charged).toBe(99_999n)
})

test("the export holds every call that the member may see, and nothing of anybody else's", async () => {
  const exported = async (role: Role) => (await joined(usage.callsCsv(member(role), query({ range: "7d" })))).trimEnd().split("\r\n")
  const [head, first, ...rest] = await exported("owner")
  expect(head).toBe("request,time,model,key,member,status,error,streamed,input_tokens,cache_read_tokens,output_tokens,charged_usd,duration_ms,first_byte_ms")
  expect(first).toMatch(/^req_ben,2026-03-09T04:00:00\.000Z,glm-4\.6,ben's laptop,ben@example\.com,failed,upstream_failed,/)
  expect(rest).toHaveLength(30)
  expect(rest[0]).toContain(",Ann,complete,,")
  expect(rest[0]).toContain(",0.000001,420,")
  expect(await exported("member")).toHaveLength(31)
})

/** What `work` sends to PostgreSQL, as its text and parameters. */
async function statementsOf(work: () => Promise<unknown>): Promise<readonly { readonly text: string; readonly values: readonly unknown[] }[]> {
  const query = vi.spyOn(pg.Client.prototype, "query")
  try {
    await work()
    return (query.mock.calls as readonly unknown[][]).map(([statement, values]) => (typeof statement === "string" ? { text: statement, values: (values as unknown[] | undefined) ?? [] } : (statement as { text: string; values: unknown[] })))
  } finally {
    query.mockRestore()
  }
}

test("nothing that is shown of usage is counted row by row or skipped over", async () => {
  const owner = member("owner")
  const statements = await statementsOf(async () => {
    await usage.report(owner, query({ range: "90d", by: "key" }))
    const { next } = await usage.calls(owner, query({ range: "30d" }), "live")
    await usage.calls(owner, query({ range: "30d", ...(next !== null && { before: next }) }), "live")
    await usage.recentSpend(owner)
  })
  const ofUsage = statements.filter(({ text }) => /usage_(?:record|hourly)/.test(text))
  // Two pages of calls; the chart, whether there are calls of either mode, and what was lately spent.
  expect(ofUsage).toHaveLength(2 + 4)
  for (const { text } of ofUsage) expect(text).not.toMatch(/count\s*\(|\boffset\b/i)
})

test.each([
  ["everybody's calls", "owner", "live", undefined, /organization_id_admitted_at_id_idx/],
  ["a later page", "owner", "live", `${NOW.toString(36)}.req_x`, /Index Cond: .*admitted_at <= '2026-03-10 12:00:00/],
  ["a member's own calls", "member", "live", undefined, /organization_id_membership_id_admitted/],
  ["test calls", "owner", "test", undefined, /organization_id_admitted_at_id_idx\d+/],
] as const)("a page of %s is read along an index in its own order, so that it costs the same however many there are", async (_name, role, mode, before, index) => {
  const list = (await statementsOf(() => usage.calls(member(role), query({ range: "30d", mode, before }), mode))).find(({ text }) => text.includes("usage_record"))
  const plan = await database.sql("org_a", async (client) => {
    await client.query("SET LOCAL timezone = 'UTC'")
    // Of so few rows a scan would be cheaper.
    await client.query("SET LOCAL enable_seqscan = off")
    await client.query("SET LOCAL enable_bitmapscan = off")
    const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${list?.text}`, [...(list?.values ?? [])])
    return rows.map((row) => row["QUERY PLAN"]).join("\n")
  })
  expect(plan).toMatch(index)
  expect(plan).not.toMatch(/\bSort\b|Seq Scan/)
})
