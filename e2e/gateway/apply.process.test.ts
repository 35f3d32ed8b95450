import { OpenAI } from "#e2e/clients/latest/vendors.ts"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createInstallation, type Installation, type RunningServer, untilServed } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"

/** The whole journey by one file: a GLM coding plan by its pasted URL, a model with a price, a member with a dollar, their key. */
const BOB_KEY = "sk-e2e-key-of-bob-brought-from-elsewhere"
/** Dear enough that a dollar is soon spent: 2,000 dollars per million are 2,000,000 nano-dollars per output token. */
const price = { input: "100", output: "2000" }
const chargeOf = (usage: OpenAI.CompletionUsage) => BigInt(usage.prompt_tokens) * 100_000n + BigInt(usage.completion_tokens) * 2_000_000n

let simulator: ProviderSimulator
let installation: Installation
let servers: readonly RunningServer[]
beforeAll(async () => {
  simulator = await startProviderSimulator()
  installation = await createInstallation()
  servers = [await installation.start({ mount: "fast" }), await installation.start({ mount: "next" })]
})
afterAll(async () => {
  await installation?.stop()
  await simulator?.close()
})

const document = () => ({
  version: 1,
  channels: [
    {
      name: "glm-coding",
      provider: "zhipu-coding",
      baseUrl: `${simulator.baseUrl("zhipu-coding")}/chat/completions`,
      credentials: ["${E2E_GLM_KEY}"],
      models: ["glm-4.6"],
      allowPrivateNetwork: true,
    },
  ],
  models: [{ name: "glm-4.6", cost: { input: "0.60", output: "2.20" }, price }],
  organizations: [
    {
      name: "Acme",
      kind: "internal",
      timeZone: "Asia/Shanghai",
      members: [
        { email: "ann@acme.example", role: "owner", password: "a password of the apply test" },
        { email: "bob@acme.example", role: "member", password: "another password of the apply test", budget: { amount: "1.00", period: "total" } },
      ],
      keys: [{ name: "laptop", member: "bob@acme.example", secret: BOB_KEY }],
    },
  ],
})
const environment = { E2E_GLM_KEY: "sim-glm-coding-plan" }
const call = (server: RunningServer, maxTokens: number) =>
  new OpenAI({ baseURL: `${server.origin}/api/v1`, apiKey: BOB_KEY, maxRetries: 0 }).chat.completions.create({
    model: "glm-4.6",
    max_tokens: maxTokens,
    messages: [{ role: "user", content: "Hello" }],
  })

test("a file that names a missing variable changes nothing and says which", async () => {
  await expect(installation.apply(document())).rejects.toThrow(/E2E_GLM_KEY/)
})

test("one file makes everything, running servers know it within a second, and the same file again changes nothing", async () => {
  const first = await installation.apply(document(), environment)
  expect(first.created.length).toBeGreaterThanOrEqual(5)
  const appliedAt = performance.now()
  await Promise.all(servers.map((server) => untilServed(server, BOB_KEY, "glm-4.6")))
  expect(performance.now() - appliedAt).toBeLessThan(1_000)
  const second = await installation.apply(document(), environment)
  expect(second).toMatchObject({ created: [], updated: [], unchanged: first.created.length })
})

test("the member spends their dollar on both mounts, streamed and not, to the nano-dollar, and is then refused by name", async () => {
  simulator.script("glm-4.6", { answer: { text: "toll ".repeat(80) } })
  let owed = 0n
  for (const server of servers) {
    const whole = await call(server, 100)
    owed += chargeOf(whole.usage!)
    const stream = new OpenAI({ baseURL: `${server.origin}/api/v1`, apiKey: BOB_KEY, maxRetries: 0 }).chat.completions.stream({
      model: "glm-4.6",
      max_tokens: 100,
      messages: [{ role: "user", content: "Hello" }],
      stream_options: { include_usage: true },
    })
    expect((await stream.finalChatCompletion()).choices[0]!.message.content).toBe("toll ".repeat(80))
    owed += chargeOf((await stream.totalUsage()))
  }
  expect(simulator.exchanges.every((exchange) => exchange.path === "/api/coding/paas/v4/chat/completions")).toBe(true)
  await expect.poll(charged, { timeout: 10_000 }).toBe(owed)

  const refusal = await spend()
  expect(refusal.status).toBe(402)
  expect(refusal.message).toMatch(/budget of \$1\b/)
  expect(refusal.headers?.get("x-should-retry")).toBe("false")
  await expect.poll(async () => (await charged()) <= 1_000_000_000n).toBe(true)
})

/** Calls until there is a refusal: four calls of 0.2 dollars are made, so the dollar lasts for one more, shortened. */
async function spend(): Promise<InstanceType<typeof OpenAI.APIError>> {
  for (let calls = 0; calls < 5; calls++) {
    try {
      await call(servers[calls % servers.length]!, 100)
    } catch (error) {
      if (error instanceof OpenAI.APIError) return error
      throw error
    }
  }
  throw new Error("a dollar bought more than nine calls of 0.2 dollars")
}

async function charged(): Promise<bigint> {
  const [row] = await installation.query<{ sum: string }>("SELECT coalesce(sum(charged_nano_usd), 0) AS sum FROM usage_record WHERE NOT test")
  return BigInt(row!.sum)
}
