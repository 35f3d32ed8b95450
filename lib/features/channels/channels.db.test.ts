import { randomBytes, randomFillSync } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createSealer } from "#lib/adapters/sealing.ts"
import type { UpstreamPort, UpstreamRequest } from "#lib/gateway/ports.ts"
import type { Actor, Person, Program } from "#lib/kernel/actor.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts"
import { type ChannelsService, createChannelInput, createChannelsRepository, createChannelsService } from "./index.ts"

const operator: Person = { kind: "person", userId: "user_1", email: "op@example.com", name: null, isOperator: true, sessionId: "ses_1" }
const file: Program = { kind: "program", file: "turnpike.yaml" }
const strangers: readonly Actor[] = [
  { ...operator, isOperator: false },
  {
    ...operator, kind: "member", organizationId: "org_a", organizationSlug: "a", organizationName: "A", timeZone: "UTC", membershipId: "mem_1", role: "owner",
  },
]
const input = (more: Record<string, unknown> = {}) =>
  createChannelInput.parse({ name: "glm", provider: "zhipu-coding", baseUrl: "http://127.0.0.1:9/api/coding/paas/v4/chat/completions", models: ["glm-5.3"], credentials: ["glm-secret-1234"], ...more })

/** An upstream that answers what it is told and remembers what it was asked. */
function playUpstream() {
  const asked: UpstreamRequest[] = []
  let answer: { status: number; body: string } | { failure: "connect" | "timeout" | "closed" | "refusedAddress"; detail: string } = { status: 200, body: '{"choices":[{}]}' }
  const port: UpstreamPort = {
    call(request, sink) {
      asked.push(request)
      queueMicrotask(() => {
        if ("failure" in answer) return sink.onFailure({ kind: answer.failure, detail: answer.detail })
        sink.onHead(answer.status, {})
        sink.onData(Buffer.from(answer.body))
        sink.onEnd()
      })
      return { resume() {}, abort() {} }
    },
  }
  return { port, asked, answers: (next: typeof answer) => void (answer = next) }
}

const sealer = createSealer([{ version: "test", key: randomBytes(32) }], (bytes) => void randomFillSync(bytes))
let database: TestDatabase
let channels: ChannelsService
let upstream: ReturnType<typeof playUpstream>
let now = Date.UTC(2026, 10, 25)

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await database.system(async (transaction) => {
    await transaction.credential.deleteMany()
    await transaction.channelModel.deleteMany()
    await transaction.channel.deleteMany()
  })
  upstream = playUpstream()
  const clock = { now: () => ++now, monotonic: () => ++now }
  channels = createChannelsService({
    repository: createChannelsRepository(database), sealer, upstream: upstream.port, clock,
    newId: createNewId(clock.now, (bytes) => void randomFillSync(bytes)),
  })
})

const create = async (more: Record<string, unknown> = {}, actor: Actor = operator) => {
  const created = await channels.create(actor, input(more))
  if (!created.ok) throw new Error(created.error.key)
  return created.value.channelId
}
const get = async (id: string) => {
  const found = await channels.get(operator, id)
  if (!found.ok) throw new Error(found.error.key)
  return found.value
}

test("a pasted operation URL becomes the endpoint, and a coding plan is not resold unless told so", async () => {
  expect(await get(await create())).toMatchObject({ endpoints: { cc: "http://127.0.0.1:9/api/coding/paas/v4" }, resale: false, codingPlan: true, state: "untested" })
  expect(await get(await create({ name: "resold", resale: true }))).toMatchObject({ resale: true })
  expect(await get(await create({ name: "paid", provider: "openai", baseUrl: undefined }))).toMatchObject({ resale: true, endpoints: { cc: "https://api.openai.com/v1", rs: "https://api.openai.com/v1" } })
})

test("a credential is kept sealed and read back by its last four characters alone", async () => {
  const id = await create()
  expect((await get(id)).credentials).toMatchObject([{ lastFour: "1234", disabledAt: null }])
  expect(JSON.stringify(await get(id))).not.toContain("glm-secret")
  const rows = await database.system((transaction) => transaction.credential.findMany())
  expect(JSON.stringify(rows)).not.toContain("glm-secret")
  expect(rows.map((row) => sealer.open(row.id, row.sealed))).toEqual(["glm-secret-1234"])
})

test("of a short secret nothing is shown", async () => {
  expect((await get(await create({ credentials: ["tiny"] }))).credentials[0]?.lastFour).toBe("")
})

test("nobody but an operator learns that there are channels", async () => {
  const id = await create()
  for (const actor of strangers) {
    const answers = await Promise.all([
      channels.list(actor),
      channels.get(actor, id),
      channels.create(actor, input({ name: "other" })),
      channels.update(actor, { ...input(), channelId: id }),
      channels.setEnabled(actor, { channelId: id, enabled: false }),
      channels.remove(actor, { channelId: id }),
      channels.addCredential(actor, { channelId: id, secret: "another-secret" }),
      channels.setCredentialEnabled(actor, { channelId: id, credentialId: "cred_1", enabled: false }),
      channels.test(actor, { channelId: id }),
      channels.testDraft(actor, input()),
    ])
    for (const answer of answers) expect(answer).toEqual({ ok: false, error: { kind: "notFound", key: "notFound" } })
  }
  expect(upstream.asked).toEqual([])
})

test("what a file manages is changed by files alone", async () => {
  const id = await create({}, file)
  const [credential] = (await get(id)).credentials
  const refusals = await Promise.all([
    channels.update(operator, { ...input(), channelId: id }),
    channels.setEnabled(operator, { channelId: id, enabled: false }),
    channels.remove(operator, { channelId: id }),
    channels.addCredential(operator, { channelId: id, secret: "another-secret" }),
    channels.setCredentialEnabled(operator, { channelId: id, credentialId: credential?.id ?? "", enabled: false }),
  ])
  for (const refusal of refusals) expect(refusal).toMatchObject({ ok: false, error: { kind: "managed", params: { file: "turnpike.yaml" } } })
  expect((await channels.update(file, { ...input(), channelId: id })).ok).toBe(true)
})

test("a name is taken once, and free again after its channel was removed", async () => {
  const id = await create()
  expect(await channels.create(operator, input())).toMatchObject({ ok: false, error: { kind: "conflict", field: "name" } })
  await channels.remove(operator, { channelId: id })
  expect((await channels.create(operator, input())).ok).toBe(true)
  expect((await channels.get(operator, id)).ok).toBe(false)
})

test("of many forms that are saved at once with one name, one is kept", async () => {
  const saved = await Promise.all(Array.from({ length: 8 }, () => channels.create(operator, input())))
  expect(saved.filter((result) => result.ok)).toHaveLength(1)
})

test("an unusable URL is refused at its field", async () => {
  expect(await channels.create(operator, input({ baseUrl: "ftp://x" }))).toMatchObject({ ok: false, error: { key: "channels.url.scheme", field: "baseUrl" } })
  expect(await channels.create(operator, input({ provider: "openai-compatible", baseUrl: undefined }))).toMatchObject({ ok: false, error: { key: "channels.url.missing", field: "baseUrl" } })
  expect(await channels.create(operator, input({ endpoints: { am: "https://u:p@x.example" } }))).toMatchObject({ ok: false, error: { key: "channels.url.credentials", field: "endpoints.am" } })
})

test("an update replaces the models and keeps the rows of those that stay", async () => {
  const id = await create({ models: ["a", "b"] })
  const rowIds = async () => new Map((await database.system((transaction) => transaction.channelModel.findMany())).map((row) => [row.name, row.id]))
  const before = await rowIds()
  await channels.update(operator, { ...input({ models: ["b", { name: "c", upstream: "vendor-c" }] }), channelId: id })
  const after = await rowIds()
  expect([...after.keys()].sort()).toEqual(["b", "c"])
  expect(after.get("b")).toBe(before.get("b"))
  expect((await get(id)).models).toEqual([{ name: "b", upstream: "b" }, { name: "c", upstream: "vendor-c" }])
})

test("a connection test makes one small call per dialect with the channel's secret and shows what came of it", async () => {
  const id = await create({ endpoints: { am: "http://127.0.0.1:9/api/anthropic" } })
  const results = await channels.test(operator, { channelId: id })
  expect(upstream.asked.map(({ url, headers }) => [url, headers["authorization"], headers["anthropic-version"]])).toEqual([
    ["http://127.0.0.1:9/api/coding/paas/v4/chat/completions", "Bearer glm-secret-1234", undefined],
    ["http://127.0.0.1:9/api/anthropic/v1/messages", "Bearer glm-secret-1234", "2023-06-01"],
  ])
  expect(JSON.parse(upstream.asked[0]?.body.toString() ?? "")).toMatchObject({ model: "glm-5.3", max_tokens: 16 })
  expect(results).toMatchObject({ ok: true, value: [{ dialect: "cc", ok: true, status: 200, words: "" }, { dialect: "am", ok: false, problem: "shape" }] })
  expect(await get(id)).toMatchObject({ state: "failing", lastError: expect.stringContaining("AM: HTTP 200") as string })
})

test("a channel works again after a test that succeeds", async () => {
  const id = await create()
  upstream.answers({ failure: "connect", detail: "ECONNREFUSED 127.0.0.1:9" })
  await channels.test(operator, { channelId: id })
  expect(await get(id)).toMatchObject({ state: "failing", lastError: "CC: connect · ECONNREFUSED 127.0.0.1:9" })
  upstream.answers({ status: 200, body: '{"choices":[]}' })
  await channels.test(operator, { channelId: id })
  expect(await get(id)).toMatchObject({ state: "working", lastError: null })
})

test.each([
  ['{"error":{"message":"Invalid key glm-secret-1234","type":"auth"}}', "Invalid key •••"],
  ['{"error":"no such model"}', "no such model"],
  ['[{"error":{"code":400,"message":"API key not valid"}}]', "API key not valid"],
  ['{"code":401,"msg":"令牌已过期"}', "令牌已过期"],
  ["<html><body><h1>502</h1> Bad Gateway</body></html>", "502 Bad Gateway"],
])("the upstream's own words are shown, redacted: %s", async (body, words) => {
  upstream.answers({ status: 401, body })
  expect(await channels.testDraft(operator, input())).toMatchObject({ ok: true, value: [{ ok: false, status: 401, problem: "status", words }] })
})

test("a web page that says 200 is not taken for a model, nor an error inside a 200", async () => {
  upstream.answers({ status: 200, body: "<html>Welcome</html>" })
  expect(await channels.testDraft(operator, input())).toMatchObject({ ok: true, value: [{ ok: false, problem: "shape", words: "Welcome" }] })
  upstream.answers({ status: 200, body: '{"base_resp":{"status_code":1004,"status_msg":"login fail"}}' })
  expect(await channels.testDraft(operator, input())).toMatchObject({ ok: true, value: [{ ok: false, problem: "shape", words: "login fail" }] })
})

test("the limit of output is named as the vendor wants it", async () => {
  await channels.testDraft(operator, input({ provider: "openai", baseUrl: undefined, models: ["gpt-6-luna"] }))
  const bodies = upstream.asked.map(({ body }) => JSON.parse(body.toString()) as object)
  expect(bodies).toMatchObject([{ max_completion_tokens: 16 }, { max_output_tokens: 16, store: false }])
  expect(bodies[0]).not.toHaveProperty("max_tokens")
})

test("a disabled credential is not used, and the channel says when none is left", async () => {
  const id = await create()
  await channels.addCredential(operator, { channelId: id, secret: "second-secret-5678" })
  expect(await channels.addCredential(operator, { channelId: id, secret: "second-secret-5678" })).toMatchObject({ ok: false, error: { key: "channels.credentialTwice" } })
  const [first, second] = (await get(id)).credentials
  await channels.setCredentialEnabled(operator, { channelId: id, credentialId: first?.id ?? "", enabled: false })
  await channels.test(operator, { channelId: id })
  expect(upstream.asked.at(-1)?.headers["authorization"]).toBe("Bearer second-secret-5678")
  await channels.setCredentialEnabled(operator, { channelId: id, credentialId: second?.id ?? "", enabled: false })
  expect((await get(id)).state).toBe("noCredential")
})

test("a credential is only reached through its own channel", async () => {
  const [id, other] = [await create(), await create({ name: "other" })]
  const [credential] = (await get(id)).credentials
  expect(await channels.setCredentialEnabled(operator, { channelId: other, credentialId: credential?.id ?? "", enabled: false })).toMatchObject({ ok: false, error: { kind: "notFound" } })
})

test("a file's channel is made once, then left alone, then changed where the file changed", async () => {
  const outcome = async (more: Record<string, unknown> = {}) => {
    const result = await channels.reconcile(file, input(more))
    return result.ok && result.value.outcome
  }
  expect([await outcome(), await outcome(), await outcome({ priority: 5 }), await outcome({ priority: 5 })]).toEqual(["created", "unchanged", "updated", "unchanged"])
  expect([await outcome({ models: ["glm-5.3", { name: "fast", upstream: "glm-5.3-flash" }] }), await outcome({ credentials: ["glm-secret-1234", "glm-secret-5678"] })]).toEqual(["updated", "updated"])
})

test("credentials that a file no longer names are disabled, and enabled again when it names them again", async () => {
  const first = await channels.reconcile(file, input())
  const id = first.ok ? first.value.channelId : ""
  const live = async () => (await get(id)).credentials.filter(({ disabledAt }) => disabledAt === null).map(({ lastFour }) => lastFour)
  await channels.reconcile(file, input({ credentials: ["glm-secret-9999"] }))
  expect(await live()).toEqual(["9999"])
  await channels.reconcile(file, input())
  expect(await live()).toEqual(["1234"])
  expect((await get(id)).credentials).toHaveLength(2)
})

test("a channel made in the portal becomes the file's when the file names it", async () => {
  const id = await create()
  expect(await channels.reconcile(file, input())).toMatchObject({ ok: true, value: { channelId: id, outcome: "updated" } })
  expect((await get(id)).managedBy).toBe("turnpike.yaml")
})

test("a form is kept once every dialect answered, and not before", async () => {
  upstream.answers({ status: 401, body: '{"error":{"message":"no"}}' })
  expect(await channels.createTested(operator, input(), false)).toMatchObject({ ok: true, value: { channelId: null, results: [{ ok: false, words: "no" }] } })
  expect(await channels.list(operator)).toEqual({ ok: true, value: [] })
  upstream.answers({ status: 200, body: '{"choices":[]}' })
  const saved = await channels.createTested(operator, input(), false)
  expect(saved).toMatchObject({ ok: true, value: { results: [{ ok: true }] } })
  expect(await channels.list(operator)).toMatchObject({ ok: true, value: [{ name: "glm", state: "working" }] })
})

test("whoever saves anyway is not made to wait for another call", async () => {
  upstream.answers({ failure: "timeout", detail: "" })
  const saved = await channels.createTested(operator, input(), true)
  expect(upstream.asked).toEqual([])
  expect(saved.ok && saved.value.channelId).toMatch(/^chan_/)
})

test("a change is tried with the channel's own secret before it replaces what works", async () => {
  const id = await create()
  upstream.answers({ failure: "connect", detail: "ENOTFOUND" })
  const change = { ...input({ baseUrl: "http://127.0.0.1:8/v1" }), channelId: id }
  expect(await channels.updateTested(operator, change, false)).toMatchObject({ ok: true, value: { channelId: null } })
  expect(upstream.asked.map(({ url, headers }) => [url, headers["authorization"]])).toEqual([["http://127.0.0.1:8/v1/chat/completions", "Bearer glm-secret-1234"]])
  expect(await get(id)).toMatchObject({ endpoints: { cc: "http://127.0.0.1:9/api/coding/paas/v4" }, state: "untested" })
  expect(await channels.updateTested(operator, change, true)).toMatchObject({ ok: true, value: { channelId: id } })
  expect((await get(id)).endpoints).toEqual({ cc: "http://127.0.0.1:8/v1" })
})

test("a credential that cannot be opened is named by its last characters, and nothing is called", async () => {
  const id = await create()
  await database.system((transaction) => transaction.credential.updateMany({ data: { sealed: sealer.seal("cred_other", "x") } }))
  expect(await channels.test(operator, { channelId: id })).toMatchObject({ ok: false, error: { kind: "unavailable", params: { lastFour: "1234" } } })
  expect(upstream.asked).toEqual([])
})

test("a plan's windows are counted as quotas, replaced as a whole, and asked anew after a change", async () => {
  const created = await channels.create(operator, input())
  if (!created.ok) throw new Error("the channel was not made")
  const { channelId } = created.value
  const [credential] = await database.system((transaction) => transaction.credential.findMany({ where: { channelId } }))
  const credentialId = credential?.id as string
  const plan = async () => {
    const read = await channels.plan(operator, channelId)
    return read.ok ? read.value : null
  }
  expect(await plan()).toMatchObject({ savedNanoUsd: 0n, keys: [{ lastFour: "1234", windows: [], current: [], exhaustedUntil: null }] })

  const windows = [{ every: "5h", limit: 600, unit: "prompts" as const }, { every: "7d", limit: 3_000, unit: "prompts" as const }]
  expect(await channels.setPlanWindows(operator, { channelId, credentialId, windows })).toEqual({ ok: true, value: null })
  const quotas = await database.system((transaction) => transaction.quota.findMany({ where: { scope: "credential", scopeId: credentialId }, orderBy: { limit: "asc" } }))
  expect(quotas).toMatchObject([{ window: "rolling", windowSeconds: 18_000, limit: 600n }, { window: "week", limit: 3_000n }])
  const until = new Date(now + 60_000)
  await database.system(async (transaction) => {
    await transaction.quotaWindow.create({ data: { quotaId: quotas[0]?.id as string, windowStart: new Date(Math.floor(now / 18_000_000) * 18_000_000), used: 12n, leased: 3n } })
    await transaction.credential.update({ where: { id: credentialId }, data: { exhaustedUntil: until } })
    const hour = { organizationId: "org_a", model: "glm-5.3", membershipId: "", keyId: "key_a", projectId: "", channelId }
    await transaction.usageHourly.createMany({ data: [{ ...hour, hour: new Date(now), test: false, planNanoUsd: 700n, costNanoUsd: 1n }, { ...hour, hour: new Date(now), test: true, planNanoUsd: 9n }, { ...hour, hour: new Date(Date.UTC(2026, 9, 31)), test: false, planNanoUsd: 9n }] })
  })
  expect(await plan()).toMatchObject({ savedNanoUsd: 700n, keys: [{ exhaustedUntil: until.toISOString(), current: [{ every: "5h", used: 12n, held: 3n, limit: 600n }, { every: "week", used: 0n }] }] })

  expect(await channels.retryPlan(operator, { channelId, credentialId })).toEqual({ ok: true, value: null })
  expect(await plan()).toMatchObject({ keys: [{ exhaustedUntil: null }] })
  await channels.setPlanWindows(operator, { channelId, credentialId, windows: [{ every: "5h", limit: 1_200, unit: "prompts" }] })
  expect(await plan()).toMatchObject({ keys: [{ windows: [{ every: "5h", limit: 1_200 }], current: [{ limit: 1_200n, used: 12n }] }] })
  for (const stranger of strangers) {
    expect(await channels.plan(stranger, channelId)).toMatchObject({ ok: false, error: { kind: "notFound" } })
    expect(await channels.setPlanWindows(stranger, { channelId, credentialId, windows: [] })).toMatchObject({ ok: false, error: { kind: "notFound" } })
    expect(await channels.retryPlan(stranger, { channelId, credentialId })).toMatchObject({ ok: false, error: { kind: "notFound" } })
  }
})
