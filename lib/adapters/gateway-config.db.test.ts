import { randomBytes, randomFillSync } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { configFor } from "#lib/gateway/terms.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import { encodeRates, ratesInput } from "#lib/ledger/rates.ts"
import type { Prisma } from "#prisma/generated/client.ts"
import { createTestDatabase, type TestDatabase } from "../../test/database.ts"
import { loadGatewayConfig } from "./gateway-config.ts"
import { createSealer } from "./sealing.ts"

const NOW = Date.UTC(2026, 10, 25)
const sealer = createSealer([{ version: "test", key: randomBytes(32) }], (bytes) => void randomFillSync(bytes))
const logged: unknown[] = []
const load = () => loadGatewayConfig({ database, sealer, now: () => NOW, log: (...line) => void logged.push(line) })

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  logged.length = 0
  await database.system(async (transaction) => {
    await transaction.credential.deleteMany()
    await transaction.channelModel.deleteMany()
    await transaction.channel.deleteMany()
    await transaction.model.deleteMany()
  })
})

const channel = (id: string, data: Partial<Prisma.ChannelUncheckedCreateInput> = {}, secrets: readonly string[] = ["sk-one"]) =>
  database.system(async (transaction) => {
    await transaction.channel.create({
      data: { id, name: id, providerId: "openai-compatible", endpoints: { cc: `https://${id.replace("_", "-")}.example/v1` }, resale: true, ...data },
    })
    for (const [i, secret] of secrets.entries()) {
      const credentialId = `cred_${id}_${i}`
      await transaction.credential.create({ data: { id: credentialId, channelId: id, sealed: sealer.seal(credentialId, secret), lastFour: secret.slice(-4) } })
    }
  })
const serves = (channelId: string, name: string, upstream = name) =>
  database.system((transaction) => transaction.channelModel.create({ data: { id: `cmod_${channelId}_${name}`, channelId, name, upstream } }))
let serial = 0
const price = (kind: "cost" | "sell", model: string, rates: unknown, more: { channelId?: string; markupPpm?: number; from?: number } = {}) =>
  database.system(async (transaction) => {
    const parsed = rates === null ? null : ratesInput.parse(rates)
    const id = parsed === null ? null : priceVersionId(parsed)
    if (parsed !== null && id !== null) await transaction.priceVersion.createMany({ data: [{ id, rates: JSON.parse(encodeRates(parsed)) as object }], skipDuplicates: true })
    await transaction.priceRule.create({
      data: { id: `rule_${++serial}`, kind, model, channelId: more.channelId ?? null, priceVersionId: id, markupPpm: more.markupPpm ?? null, effectiveFrom: new Date(more.from ?? 0) },
    })
  })

test("a model has one target for each enabled channel that serves it, lower priority first, with opened credentials", async () => {
  await channel("chan_b", { priority: 20 })
  await channel("chan_a", { priority: 10, providerId: "zhipu-coding", resale: false }, ["sk-one", "sk-two"])
  await channel("chan_off", { enabled: false })
  await channel("chan_gone", { deletedAt: new Date() })
  for (const id of ["chan_b", "chan_a", "chan_off", "chan_gone"]) await serves(id, "glm-5.3")
  const targets = (await load()).models.get("glm-5.3")?.targets
  expect(targets?.map((target) => target.channel.id)).toEqual(["chan_a", "chan_b"])
  expect(targets?.[0]?.channel).toMatchObject({ codingPlan: true, resale: false, credentials: [{ secret: "sk-one" }, { secret: "sk-two" }], auth: { default: "bearer" } })
})

test("a credential that does not open is left out, and the log names it and no secret", async () => {
  await channel("chan_a", {}, ["sk-first-secret", "sk-second-secret"])
  await serves("chan_a", "m")
  await database.system((transaction) => transaction.credential.update({ where: { id: "cred_chan_a_0" }, data: { sealed: sealer.seal("cred_other", "sk-first-secret") } }))
  const target = (await load()).models.get("m")?.targets[0]
  expect(target?.channel.credentials).toEqual([{ id: "cred_chan_a_1", secret: "sk-second-secret" }])
  expect(JSON.stringify(logged)).toContain("cred_chan_a_0")
  expect(JSON.stringify(logged)).not.toMatch(/sk-(first|second)-secret/)
})

test("a channel whose credentials are all disabled serves nothing; one that never had any is called without", async () => {
  await channel("chan_a")
  await channel("chan_local", {}, [])
  await serves("chan_a", "m")
  await serves("chan_local", "local")
  await database.system((transaction) => transaction.credential.updateMany({ data: { disabledAt: new Date() } }))
  const { models } = await load()
  expect(models.has("m")).toBe(false)
  expect(models.get("local")?.targets[0]?.channel).toMatchObject({ credentials: [], auth: { default: "none" } })
})

test("prices are those effective now, and the snapshot ends where the next one begins", async () => {
  await channel("chan_p")
  await serves("chan_p", "priced")
  await serves("chan_p", "gpt-4o-mini")
  await serves("chan_p", "unknown-model")
  await price("cost", "priced", { input: "1" })
  await price("sell", "priced", null, { markupPpm: 1_200_000 })
  await price("cost", "priced", { input: "9" }, { from: NOW + 5_000 })
  const config = await load()
  expect(config.models.get("priced")?.targets[0]?.price).toMatchObject({ cost: { rates: { units: { input: 1_000_000_000n } } }, markupPpm: 1_200_000 })
  expect(config.models.get("gpt-4o-mini")?.targets[0]?.price?.cost.rates.units.input).toBe(150_000_000n)
  expect(config.models.get("unknown-model")?.targets[0]?.price).toBeNull()
  expect(config.validUntilMs).toBe(NOW + 5_000)
})

test("what the operator says of a model counts before the catalogue, and a disabled model is not served", async () => {
  await channel("chan_a")
  await serves("chan_a", "gpt-4o-mini")
  await serves("chan_a", "gpt-4o")
  await database.system((transaction) =>
    transaction.model.createMany({ data: [{ id: "model_1", name: "gpt-4o-mini", contextTokens: 1_000 }, { id: "model_2", name: "gpt-4o", enabled: false }] }),
  )
  const { models } = await load()
  expect(models.get("gpt-4o-mini")).toMatchObject({ contextTokens: 1_000, outputTokensMax: 16_384 })
  expect(models.has("gpt-4o")).toBe(false)
})

test("the sandbox is always there, priced, and needs no credential", async () => {
  const sandbox = (await load()).models.get(SANDBOX_MODEL)
  expect(sandbox?.targets).toHaveLength(1)
  expect(sandbox?.targets[0]).toMatchObject({ channel: { providerId: "sandbox", credentials: [] }, price: { markupPpm: null } })
})

test("an organization's own channel says whose it is", async () => {
  await database.system((transaction) => transaction.organization.create({ data: { id: "org_a", slug: "a", name: "a", kind: "customer", hasWallet: false } }))
  await channel("chan_own", { organizationId: "org_a" })
  await serves("chan_own", "m")
  expect((await load()).models.get("m")?.targets[0]?.channel.organizationId).toBe("org_a")
})

test("a credential brings its plan's windows and until when its provider says that it is used up; others bring none", async () => {
  await channel("chan_plan", { providerId: "zhipu-coding", resale: false }, ["sk-one", "sk-two"])
  await serves("chan_plan", "glm-5.3")
  const anchor = new Date(NOW + 5_000)
  await database.system(async (transaction) => {
    await transaction.quota.create({ data: { id: "quota_plan", scope: "credential", scopeId: "cred_chan_plan_0", unit: "prompts", window: "rolling", windowSeconds: 18_000, limit: 600n, anchor } })
    await transaction.quota.create({ data: { id: "quota_old", scope: "credential", scopeId: "cred_chan_plan_0", unit: "tokens", window: "week", limit: 1n, disabledAt: new Date(NOW) } })
    await transaction.credential.update({ where: { id: "cred_chan_plan_0" }, data: { exhaustedUntil: anchor } })
  })
  const credentials = (await load()).models.get("glm-5.3")?.targets[0]?.channel.credentials
  expect(credentials).toMatchObject([{ plan: { windows: [{ id: "quota_plan", unit: "prompts", limit: 600n, anchorMs: anchor.getTime() }], exhaustedUntilMs: anchor.getTime() } }, {}])
  expect(credentials?.[1]).not.toHaveProperty("plan")
})

test("a plan's subscribers see its models at its prices, and an organization with own prices sees those first", async () => {
  const rates = (input: string) => ratesInput.parse({ input })
  const priceOf = async (input: string) => {
    const id = priceVersionId(rates(input))
    await database.system((transaction) => transaction.priceVersion.createMany({ data: [{ id, rates: JSON.parse(encodeRates(rates(input))) as Prisma.InputJsonObject }], skipDuplicates: true }))
    return id
  }
  const rule = async (id: string, model: string, data: Partial<Prisma.PriceRuleUncheckedCreateInput>) =>
    void (await database.system((transaction) => transaction.priceRule.create({ data: { id, kind: "sell", model, effectiveFrom: new Date(NOW - 1), ...data } })))
  await channel("chan_plan")
  await database.system(async (transaction) => {
    for (const name of ["terms-a", "terms-b", "terms-c"]) await transaction.channelModel.create({ data: { id: `cmod_${name}`, channelId: "chan_plan", name, upstream: name } })
    for (const [id, models, markupPpm] of [["plan_some", ["terms-a", "terms-b"], 1_500_000], ["plan_all", [], null]] as const) {
      await transaction.plan.create({ data: { id, name: id, priceNanoUsd: 0n, period: "month", models: [...models], markupPpm } })
    }
    await transaction.organization.create({ data: { id: "org_own", slug: "own", name: "own", kind: "customer", hasWallet: false } })
    const day = { periodStart: new Date(NOW), anchorAt: new Date(NOW), periodEnd: new Date(NOW + 86_400_000), period: "day", allowanceNanoUsd: 0n, priceNanoUsd: 0n } as const
    await transaction.subscription.create({ data: { organizationId: "org_own", planId: "plan_some", ...day } })
  })
  for (const name of ["terms-a", "terms-b", "terms-c"]) await rule(`rule_cost_${name}`, name, { kind: "cost", priceVersionId: await priceOf("1") })
  await rule("rule_everybody", "terms-a", { priceVersionId: await priceOf("9") })
  await rule("rule_plan", "terms-b", { planId: "plan_some", priceVersionId: await priceOf("3") })
  await rule("rule_own", "terms-a", { organizationId: "org_own", priceVersionId: await priceOf("2") })

  const config = await load()
  const sold = (terms: ReturnType<typeof config.terms.get>) =>
    Object.fromEntries([...(terms ?? config).models].filter(([name]) => name !== SANDBOX_MODEL).map(([name, { targets }]) => [name, [targets[0]?.price?.sell.rates.units.input, targets[0]?.price?.markupPpm]]))
  const million = (dollars: bigint) => dollars * 1_000_000_000n
  expect(sold(undefined)).toEqual({ "terms-a": [million(9n), null], "terms-b": [million(1n), null], "terms-c": [million(1n), null] })
  expect(sold(config.terms.get("plan_some"))).toEqual({ "terms-a": [million(1n), 1_500_000], "terms-b": [million(3n), null] })
  expect(sold(config.terms.get("org_own"))).toEqual({ "terms-a": [million(2n), null], "terms-b": [million(3n), null] })
  // What the plan leaves out, the sandbox too, is not there for its subscribers; test keys reach the sandbox whatever their plan.
  const subscriber = { organizationId: "org_some", planId: "plan_some" } as const
  expect(configFor(config, subscriber).models.has(SANDBOX_MODEL)).toBe(false)
  expect(configFor(config, { ...subscriber, test: true }).models.has(SANDBOX_MODEL)).toBe(true)
  // A plan that neither prices nor bounds anything needs no list of its own.
  expect(config.terms.has("plan_all")).toBe(false)
})
