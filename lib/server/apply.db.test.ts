import { generateKeyPairSync, getRandomValues, randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createChangeFeed } from "#lib/adapters/changes.ts"
import { createKeyDirectory } from "#lib/adapters/key-directory.ts"
import { isPlausible } from "#lib/features/keys/index.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { applyFile } from "#lib/server/apply.ts"
import { hashers } from "#lib/server/key-services.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"

const example = await readFile(new URL("../../test/turnpike.example.yaml", import.meta.url), "utf8")
const variables = { GLM_KEY: "glm-secret-0123456789", GLM_KEY_2: "glm-second-0123456789", ANN_PASSWORD: "correct horse", ANN_KEY: "ann-old-key-0123456789" }
const secrets = { peppers: [{ version: "1", key: randomBytes(32) }], sealingKeys: [{ version: "1", key: randomBytes(32) }] } as const
const [hash] = hashers(secrets)

let folder: string
let database: TestDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "turnpike-apply-"))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  database = await createTestDatabase()
  return () => database.drop()
})

type Json = { created: string[]; updated: string[]; unchanged: number; keys: { organization: string; name: string; secret: string }[]; invitations: { email: string; link: string }[]; waiting: string[] }
type Options = { readonly dryRun?: boolean; readonly json?: boolean; readonly environment?: Record<string, string>; readonly name?: string }

async function applyText(text: string, { dryRun = false, json = false, environment = variables, name = "turnpike.yaml" }: Options = {}): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  const lines: string[] = []
  await applyFile({
    database,
    secrets,
    clock: systemClock,
    newId: createNewId(Date.now, getRandomValues),
    origin: "https://ai.example.com",
    variables: environment,
    file,
    dryRun,
    json,
    out: (line) => lines.push(line),
  })
  return lines.join("\n")
}
const applyJson = async (text: string, options: Options = {}) => JSON.parse(await applyText(text, { ...options, json: true })) as Json
const refusal = async (text: string, options: Options = {}): Promise<string> => {
  const error = await applyText(text, options).then(
    () => undefined,
    (failure: Error) => failure,
  )
  return error?.message.replaceAll(`${folder}/`, "") ?? "applied"
}
const countOf = async (table: string): Promise<number> => {
  const { rows } = await database.sql(null, (client) => client.query<{ count: string }>(`SELECT count(*) FROM ${table}`))
  return Number(rows[0]?.count)
}

test("the whole shape is applied, and a second time changes nothing", async () => {
  const first = await applyJson(example)
  expect(first.created).toEqual([
    "channel glm-coding",
    "model glm-4.6",
    "model fast",
    "organization Acme",
    "organization Acme, project web",
    "organization Acme, member ann@acme.example",
    "organization Acme, invitation of bob@acme.example",
    "organization Acme, key laptop",
    "organization Acme, key service",
  ])
  expect(first).toMatchObject({ updated: [], unchanged: 0, keys: [{ organization: "Acme", name: "service", secret: expect.stringMatching(/^sk-tp-[0-9A-Za-z]{33}$/) }] })
  expect(first.invitations).toMatchObject([{ email: "bob@acme.example", link: expect.stringMatching(/^https:\/\/ai\.example\.com\/invitation\/.{40}/) }])
  expect(first.waiting).toHaveLength(1)

  const changes = await countOf("change")
  expect(await applyJson(example)).toEqual({ created: [], updated: [], unchanged: 9, keys: [], invitations: [], waiting: first.waiting })
  expect(await countOf("change")).toBe(changes)
})

test("what was applied stands in the rows: wallet, budgets, windows, key and marks", async () => {
  await applyText(example)
  const [organization] = await database.system((transaction) => transaction.organization.findMany({ include: { memberships: true, projects: true, keys: { orderBy: { id: "asc" } } } }))
  expect(organization).toMatchObject({ name: "Acme", slug: "acme", kind: "internal", timeZone: "Asia/Shanghai", hasWallet: true, memberBudgetNanoUsd: 5_000_000_000n, managedBy: "turnpike.yaml" })
  const laptop = organization?.keys[0]
  expect(laptop).toMatchObject({ name: "laptop", secretHash: hash("ann-old-key-0123456789"), prefix: "ann-o", allowedModels: ["glm-4.6"], requestsPerMinute: 60, managedBy: "turnpike.yaml", expiresAt: new Date("2027-01-01T00:00:00Z") })
  const quotas = await database.system((transaction) => transaction.quota.findMany({ orderBy: { id: "asc" } }))
  expect(quotas.map(({ scope, unit, window, limit }) => [scope, unit, window, limit])).toEqual(
    expect.arrayContaining([
      ["wallet", "nanoUsd", "total", 25_000_000_000n],
      ["organization", "nanoUsd", "month", 20_000_000_000n],
      ["project", "nanoUsd", "month", 10_000_000_000n],
      ["member", "nanoUsd", "month", 9_000_000_000n],
      ["key", "nanoUsd", "total", 1_000_000_000n],
      ["key", "requests", "minute", 60n],
      ["key", "tokens", "minute", 100_000n],
      ["key", "concurrent", "none", 8n],
    ]),
  )
  const channel = await database.system((transaction) => transaction.channel.findFirstOrThrow({ include: { credentials: { orderBy: { id: "asc" } } } }))
  expect(channel).toMatchObject({ resale: false, endpoints: { cc: "https://open.bigmodel.cn/api/coding/paas/v4", am: "https://open.bigmodel.cn/api/anthropic/v1" } })
  // Two ids of one millisecond sort by chance.
  expect(channel.credentials.flatMap(({ windows }) => windows)).toEqual([{ every: "5h", limit: 600, unit: "prompts" }])
  expect(channel.credentials).toHaveLength(2)
})

const team = `plans:
  - name: team
    price: { amount: "10.00", period: month }
    allowance: "20.00"
    markup: "1.10"
    models: [glm-4.6, { name: fast, price: { input: "0.25", output: "1.30" } }]
    limits: { requestsPerMinute: 600, tokensPerMinute: 1000000, concurrent: 50 }
`
const onTeam = example.replace("organizations:\n", `${team}organizations:\n`).replace("kind: internal", "kind: internal\n    plan: team")

test("an organization is put on a plan of the file, and its allowance comes beside its credit", async () => {
  const first = await applyJson(onTeam)
  expect(first.created).toEqual(expect.arrayContaining(["plan team", "organization Acme"]))
  const changes = await countOf("change")
  expect(await applyJson(onTeam)).toMatchObject({ created: [], updated: [], unchanged: 10 })
  expect(await countOf("change")).toBe(changes)
  const quotas = await database.system((transaction) => transaction.quota.findMany({ where: { scope: { in: ["wallet", "organization"] } } }))
  expect(quotas.map(({ scope, unit, window, limit }) => [scope, unit, window, limit])).toEqual(
    expect.arrayContaining([
      ["wallet", "nanoUsd", "total", 45_000_000_000n],
      ["organization", "requests", "minute", 600n],
      ["organization", "tokens", "minute", 1_000_000n],
      ["organization", "concurrent", "none", 50n],
    ]),
  )
  expect(await database.system((transaction) => transaction.priceRule.findMany({ where: { planId: { not: null } }, select: { model: true, kind: true } }))).toEqual([{ model: "fast", kind: "sell" }])

  expect(await applyText(onTeam.replace('allowance: "20.00"', 'allowance: "30.00"'))).toContain("~ plan team")
  expect(await refusal(onTeam.replace("plan: team", "plan: none"))).toMatch(/turnpike\.yaml:\d+: organizations\[0\]\.plan: There is no plan “none”\./)
  expect(await refusal(onTeam.replace("allowance:", "allowances:"))).toMatch(/turnpike\.yaml:\d+: plans\[0\]\.allowances: unknown field/)
  expect(await refusal(onTeam.replace("period: month }\n    allowance", "period: fortnight }\n    allowance"))).toMatch(/plans\[0\]\.price\.period/)
})

test("a plan that the file no longer names stays, and becomes the portal's to change", async () => {
  await applyJson(onTeam)
  const subscription = () => database.system((transaction) => transaction.subscription.findFirst({ select: { managedBy: true, renews: true } }))
  expect(await subscription()).toEqual({ managedBy: "turnpike.yaml", renews: true })
  expect(await applyText(onTeam.replace("    plan: team\n", ""))).toContain("plan is no longer managed by turnpike.yaml")
  expect(await subscription()).toEqual({ managedBy: null, renews: true })
})

test("a dry run says what would happen and leaves nothing behind", async () => {
  const text = await applyText(example, { dryRun: true })
  expect(text).toContain("+ channel glm-coding")
  expect(text).toContain("dry run, nothing was changed (9 created, 0 updated, 0 unchanged)")
  expect(text).not.toContain("sk-tp-")
  for (const table of ["organization", "channel", "api_key", "app_user", "change", "quota"]) expect(await countOf(table), table).toBe(0)
  await applyText(example)
  expect(await applyText(example.replace('budget: { amount: "20.00", period: month }', 'budget: { amount: "30.00", period: week }'), { dryRun: true })).toContain(
    "~ organization Acme: budget $20.00 (month) → $30.00 (week)",
  )
})

test("every mistake is named with its line and path, all at once, and nothing is applied", async () => {
  const mistakes = example
    .replace("priority: 10", "priority: low")
    .replace('amount: "20.00"', 'amount: "20.0000000001"')
    .replace("parameters: lenient", "parametres: lenient")
    .replace("timeZone: Asia/Shanghai", "timeZone: Asia/Atlantis")
    .replace("{ name: service }", "{ name: laptop }")
  expect((await refusal(mistakes)).split("\n")).toEqual([
    "Nothing was applied.",
    "turnpike.yaml:9: channels[0].priority: expected number",
    "turnpike.yaml:23: organizations[0].timeZone: not a time zone known to this system; use an IANA name such as Asia/Shanghai",
    expect.stringMatching(/^turnpike\.yaml:25: organizations\[0\]\.budget\.amount: “20\.0000000001” is not a dollar amount/),
    "turnpike.yaml:32: organizations[0].keys[0].parametres: unknown field",
    "turnpike.yaml:35: organizations[0].keys[1].name: “laptop” stands here twice",
  ])
  expect(await refusal(example, { environment: { ...variables, GLM_KEY: "" } })).toBe("Nothing was applied.\nturnpike.yaml:7: the environment variable GLM_KEY is not set")
  expect(await refusal(example.replace("version: 1", "version: 2"))).toMatch(/turnpike\.yaml:1: version: /)
  expect(await refusal(example.replace("provider: zhipu-coding", "provider: zhipu-codin"))).toMatch(/turnpike\.yaml:4: channels\[0\]\.provider: .*"zhipu-coding"/)
  expect(await refusal(example.replace('input: "0.72"', 'inputs: "0.72"'))).toContain("turnpike.yaml:17: models[0].price.inputs: unknown field")
  expect(await refusal(example.replace('output: "1.10"', 'outputs: "1.10"'))).toContain("turnpike.yaml:8: channels[0].models[1].cost.outputs: unknown field")
  expect(await refusal(example.replace("${ANN_KEY}", "sk-tp-0000000000000000000000000002miRyf"))).toContain("misspelt or cut")
  expect(await countOf("organization")).toBe(0)
})

test("what is found wrong in the middle undoes all that came before it", async () => {
  expect(await refusal(example.replace("member: ann@acme.example, project: web", "member: nobody@acme.example, project: web"))).toBe(
    "Nothing was applied.\nturnpike.yaml:32: organizations[0].keys[0].member: nobody@acme.example is no member of Acme: add them to its members",
  )
  expect(await refusal(example.replace("project: web, secret", "project: app, secret"))).toContain("turnpike.yaml:32: organizations[0].keys[0].project: Acme has no project “app”")
  for (const table of ["organization", "channel", "app_user", "change"]) expect(await countOf(table), table).toBe(0)
})

test("the sum of the file's grants is brought to the credit, up and down, whatever else was granted", async () => {
  await applyText(example)
  const limit = async () => (await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "wallet" } }))).limit
  expect(await applyJson(example.replace('credit: "25.00"', 'credit: "40.00"'))).toMatchObject({ updated: ["organization Acme"] })
  expect(await limit()).toBe(40_000_000_000n)
  await applyText(example.replace('credit: "25.00"', 'credit: "10.00"'))
  expect(await limit()).toBe(10_000_000_000n)
  const { rows } = await database.sql(null, (client) => client.query<{ sum: string }>("SELECT sum(amount_nano_usd) FROM ledger_entry"))
  expect(rows[0]?.sum).toBe("0")
  await applyText('version: 1\norganizations: [{ name: Acme, credit: "7" }]\n', { name: "second.yaml" })
  expect(await limit()).toBe(17_000_000_000n)
})

test("a key's changes, its new secret and its made secret keep one budget", async () => {
  await applyText(example)
  expect(await applyJson(example.replace("requestsPerMinute: 60", "requestsPerMinute: 30"))).toMatchObject({ created: [], updated: ["organization Acme, key laptop"], keys: [] })
  expect(await applyJson(example, { environment: { ...variables, ANN_KEY: "ann-new-key-0123456789" } })).toMatchObject({ created: [], updated: ["organization Acme, key laptop"], keys: [] })
  const laptops = await database.system((transaction) => transaction.apiKey.findMany({ where: { name: "laptop" }, orderBy: { id: "asc" } }))
  expect(laptops.map(({ revokedAt, secretHash, limitsOfId }) => [revokedAt === null, secretHash, limitsOfId])).toEqual([
    [false, hash("ann-old-key-0123456789"), null],
    [true, hash("ann-new-key-0123456789"), laptops[0]?.id],
  ])
  expect(await refusal(example)).toContain("turnpike.yaml:32: organizations[0].keys[0].secret: the key with this secret has been revoked")
  const other = "  - { name: Other, keys: [{ name: x, secret: ann-new-key-0123456789 }] }\n"
  expect(await refusal(`version: 1\norganizations:\n${other}`)).toContain("another organization's key already")
  expect(await refusal(`${example}${other}`, { environment: { ...variables, ANN_KEY: "ann-new-key-0123456789" } })).toContain("organizations[1].keys[0].secret: the key “laptop” has this secret already")
})

test("nothing is deleted: what a file no longer names stays, and a budget it no longer names becomes the portal's", async () => {
  await applyText(example)
  const less = "version: 1\norganizations: [{ name: Acme }]\n"
  expect(await applyJson(less)).toMatchObject({ created: [], updated: ["organization Acme"], unchanged: 0 })
  expect(await applyJson(less)).toMatchObject({ created: [], updated: [], unchanged: 1 })
  expect(await countOf("api_key WHERE revoked_at IS NULL")).toBe(2)
  expect(await countOf("membership WHERE removed_at IS NULL")).toBe(1)
  const budget = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "organization" } }))
  expect(budget).toMatchObject({ managedBy: null, disabledAt: null, limit: 20_000_000_000n })
})

test("an organization that registered itself under the name is not taken for the file's", async () => {
  await database.system((transaction) => transaction.organization.create({ data: { id: "org_self", slug: "acme", name: "Acme", kind: "customer", hasWallet: true } }))
  expect(await refusal(example)).toContain("turnpike.yaml:21: organizations[0].name: there is a customer named “Acme” that no file manages")
  expect(await applyJson(example.replace("kind: internal", "kind: customer"))).toMatchObject({ updated: ["organization Acme"] })
})

test("an invited member joins, and their key is made at the next application", async () => {
  await applyText(example)
  await database.system(async (transaction) => {
    await transaction.user.create({ data: { id: "user_bob", email: "bob@acme.example" } })
  })
  const joined = await applyJson(example)
  expect(joined.created).toEqual(["organization Acme, member bob@acme.example", "organization Acme, key bobs"])
  const bob = await database.system((transaction) => transaction.membership.findFirstOrThrow({ where: { userId: "user_bob" } }))
  expect(await database.system((transaction) => transaction.quota.findFirst({ where: { scopeId: bob.id } }))).toMatchObject({ limit: 5_000_000_000n, inherited: true })
})

test("a running process knows of an applied key within a second", async () => {
  const changes = createChangeFeed({ url: database.url, log: () => {} })
  await changes.start()
  const directory = createKeyDirectory({ database, changes, clock: systemClock, log: () => {}, secrets: { plausible: isPlausible, hashes: [hash] } })
  expect((await directory.find(variables.ANN_KEY)).kind).toBe("absent")
  await applyText(example)
  const appliedAtMs = performance.now()
  while ((await directory.find(variables.ANN_KEY)).kind !== "found") {
    expect(performance.now() - appliedAtMs).toBeLessThan(1_000)
    await sleep(20)
  }
  await changes.stop()
})

test("two applications at once do not make anything twice", async () => {
  await Promise.all([applyText(example), applyText(example), applyText(example)])
  expect(await countOf("organization")).toBe(1)
  expect(await countOf("channel")).toBe(1)
  expect(await countOf("api_key")).toBe(2)
})

test("a cloud's channels have their settings and credentials of several parts, and a second time changes nothing", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } })
  const account = { type: "service_account", project_id: "p", private_key_id: "0123456789abcdef", private_key: privateKey, client_email: "t@p.example", token_uri: "https://t.example/token" }
  const text = (credential: unknown) => `version: 1
channels:
  - { name: aws, provider: bedrock, settings: { region: us-east-1 }, credentials: [{ accessKeyId: AKIA0123456789, secretAccessKey: s }, ABSK-a-bearer-key, { secret: ABSK-another-key, windows: [] }], models: [m] }
  - { name: google, provider: vertex, settings: { project: my-project, region: us-east5 }, credentials: [${JSON.stringify(credential)}], models: [m] }
  - { name: azure, provider: azure-openai, baseUrl: "https://r.openai.azure.com", settings: { apiVersion: "2024-10-21" }, credentials: [{ tenantId: t, clientId: c, clientSecret: s }], models: [m] }
`
  expect((await applyJson(text(account))).created).toEqual(["channel aws", "channel google", "channel azure"])
  // The same file of Google's, as a text: through an environment variable, for example.
  expect(await applyJson(text(JSON.stringify(account, null, 2)))).toMatchObject({ created: [], updated: [], unchanged: 3 })
  const { rows } = await database.sql(null, (client) => client.query<{ name: string; settings: object; endpoints: object; last_four: string[] }>(`SELECT name, settings, endpoints, (SELECT array_agg(last_four ORDER BY last_four) FROM credential WHERE channel_id = channel.id) AS last_four FROM channel ORDER BY name`))
  expect(rows).toEqual([
    { name: "aws", settings: { region: "us-east-1" }, endpoints: { br: "https://bedrock-runtime.us-east-1.amazonaws.com", am: "https://bedrock-runtime.us-east-1.amazonaws.com" }, last_four: ["-key", "-key", "6789"] },
    { name: "azure", settings: { apiVersion: "2024-10-21" }, endpoints: { cc: "https://r.openai.azure.com/openai/deployments/{model}?api-version=2024-10-21" }, last_four: [""] },
    { name: "google", settings: { project: "my-project", region: "us-east5" }, endpoints: expect.objectContaining({ am: expect.stringContaining("/projects/my-project/locations/us-east5/publishers/anthropic") as unknown }) as unknown, last_four: ["cdef"] },
  ])
})

test.each([
  ["bedrock, credentials: [k]", "channels[0].settings.region: Amazon Bedrock needs the setting region, for example us-east-1."],
  ["bedrock, settings: { region: nowhere }, credentials: [k]", "channels[0].settings.region: region looks like us-east-1."],
  ["bedrock, settings: { regoin: us-east-1 }", "channels[0].settings.regoin: unknown field"],
  ["vertex, settings: { project: my-project, region: global }, credentials: [ya29.token]", "channels[0].credentials: Paste the JSON of a Google service account, as it was downloaded."],
  ["openai, settings: { region: us-east-1 }", "channels[0].settings.region: OpenAI has no setting region."],
  ["openai, credentials: [{ tenantId: t, clientId: c, clientSecret: s }]", "channels[0].credentials: This provider takes a key of one string."],
  ["azure-openai, credentials: [k]", "channels[0].baseUrl: Enter the base URL."],
  ["bedrock, settings: { region: us-east-1 }, credentials: [{ accessKeyId: AKIA }]", "channels[0].credentials[0].secretAccessKey: is missing"],
  ["bedrock, settings: { region: us-east-1 }, credentials: [{ secret: { tenantId: t, clientId: c, clientSecret: s } }]", "channels[0].credentials: Enter a Bedrock API key"],
])("a channel of %s is told what it needs", async (channel, words) => {
  expect(await refusal(`version: 1\nchannels: [{ name: c, models: [m], provider: ${channel} }]`)).toContain(words)
  expect(await countOf("channel")).toBe(0)
})
