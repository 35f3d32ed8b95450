import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { fileJsonSchema, fileSchema } from "./schema.ts"

const example = await readFile(new URL("../../../test/turnpike.example.yaml", import.meta.url), "utf8")
const minimal = { version: 1, organizations: [{ name: "A" }] }

test("docs/turnpike.schema.json is what the schema says; node scripts/turnpike-schema.mjs writes it", async () => {
  const committed = JSON.parse(await readFile(new URL("../../../docs/turnpike.schema.json", import.meta.url), "utf8")) as unknown
  expect(committed).toEqual(fileJsonSchema())
})

test("an editor takes a variable wherever a text must have a form", () => {
  const text = JSON.stringify(fileJsonSchema())
  const variable = '{"type":"string","pattern":"\\\\$\\\\{[A-Za-z_][A-Za-z0-9_]*\\\\}"}'
  expect(text).toContain(`"secret":{"description":"A key brought from elsewhere; without it a secret is made and shown once","anyOf":[{"type":"string","minLength":20,"maxLength":512,"pattern":"^[\\\\x21-\\\\x7e]*$"},${variable}]}`)
})

test("the example of the contract is read as it stands, every price variant too", () => {
  const filled = example.replaceAll(/\$\{(\w+)\}/g, "$1-0123456789012345")
  expect(fileSchema.safeParse(parse(filled)).error).toBeUndefined()
  const price = {
    input: "0.60",
    cacheWrite1h: 1.2,
    tiers: [{ above: 200_000, input: "1.20" }, { from: 500_000, input: "2" }],
    serviceTiers: { flex: { input: "0.30" } },
    schedule: [{ days: ["mon"], from: "00:30", to: "08:30", timeZone: "Asia/Shanghai", input: "0.10" }],
    images: { "1024x1024/high": "0.167" },
    call: "0.01",
    effective: "2027-01-01",
  }
  const read = fileSchema.parse({ version: 1, models: [{ name: "m", cost: price, price }] })
  expect(read.models[0]?.cost).toMatchObject({ rates: { units: { input: 600_000_000n }, tiers: [{ from: 200_001 }, { from: 500_000 }] }, effectiveFromMs: Date.UTC(2027, 0, 1) })
})

test("what the file leaves out is left to what stands, or to the defaults of the contract", () => {
  expect(fileSchema.parse(minimal)).toEqual({ version: 1, channels: [], models: [], plans: [], organizations: [{ name: "A", projects: [], members: [], keys: [] }] })
  const [channel] = fileSchema.parse({ version: 1, channels: [{ name: "c", provider: "openai", models: ["m"] }] }).channels
  expect(channel).toEqual({ name: "c", provider: "openai", endpoints: {}, credentials: [], models: [{ name: "m", upstream: "m", cost: undefined }], priority: 10, weight: 1, allowPrivateNetwork: false, settings: {} })
})

test("the example of docs/clouds.md is read as it stands", async () => {
  const page = await readFile(new URL("../../../docs/clouds.md", import.meta.url), "utf8")
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const { channels } = fileSchema.parse(parse(yaml))
  expect(channels.map(({ provider, settings }) => [provider, settings])).toEqual([
    ["azure-openai", { resource: "my-resource", apiVersion: "2024-10-21" }],
    ["bedrock", { region: "us-east-1" }],
    ["vertex", { project: "my-project", region: "us-east5" }],
  ])
})

test("the example of docs/operate.md's plans is read as it stands", async () => {
  const page = await readFile(new URL("../../../docs/operate.md", import.meta.url), "utf8")
  const [, yaml = ""] = /## Plans\n[^]*?```yaml\n([^]*?)```/.exec(page) ?? []
  const { plans, organizations } = fileSchema.parse(parse(yaml))
  expect(plans[0]).toMatchObject({ name: "Team", price: { amount: 10_000_000_000n, period: "month" }, allowance: 20_000_000_000n, markup: 1_100_000, limits: { concurrent: 40 } })
  expect(plans[0]?.models?.map(({ name, markup }) => [name, markup])).toEqual([["glm-4.6", undefined], ["fast", undefined], ["slow", 1_500_000]])
  expect(organizations[0]?.plan).toBe("Team")
})

test("unknown fields are refused at every level", () => {
  const deep: readonly unknown[] = [
    { version: 1, plan: 1 },
    { version: 1, channels: [{ name: "c", provider: "openai", models: [{ name: "m", price: {} }] }] },
    { version: 1, channels: [{ name: "c", provider: "openai", models: ["m"], credentials: [{ secret: "s", window: [] }] }] },
    { version: 1, organizations: [{ name: "A", budget: { amount: 1, period: "day", soft: true } }] },
    { version: 1, organizations: [{ name: "A", keys: [{ name: "k", limits: { requestsPerHour: 1 } }] }] },
    { version: 1, models: [{ name: "m", cost: { inptu: 1 } }] },
  ]
  for (const file of deep) expect(fileSchema.safeParse(file).success, JSON.stringify(file)).toBe(false)
})

test("a model has a price or a mark-up, a key's secret at least 20 characters", () => {
  expect(fileSchema.safeParse({ version: 1, models: [{ name: "m", markup: "1.2", price: { input: 1 } }] }).success).toBe(false)
  expect(fileSchema.safeParse({ version: 1, organizations: [{ name: "A", keys: [{ name: "k", secret: "0123456789012345678" }] }] }).success).toBe(false)
})

test("a secret is one key's, in all of the file, and is told to nobody", () => {
  const secret = "0123456789012345678901"
  const shared = fileSchema.safeParse({ version: 1, organizations: [{ name: "A", keys: [{ name: "k", secret }, { name: "free" }] }, { name: "B", keys: [{ name: "l" }, { name: "m", secret }] }] })
  expect(shared.error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([["organizations.1.keys.1.secret", "the key “k” has this secret already"]])
})
