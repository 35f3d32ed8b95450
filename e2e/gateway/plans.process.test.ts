import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createInstallation, type Installation, type RunningServer, untilServed } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"
import { mounts } from "./stage.ts"

/** What a plan allows a whole organization, as its callers hear of it over HTTP. */
const MODEL = "planned"
/** Models that no price is known of: one of a channel with a ceiling. */
const UNPRICED = "unheard-of"
const BOUNDED = "unheard-of-but-bounded"
const SLOW_MS = 3_000

const plans = {
  requests: { limits: { requestsPerMinute: 2 } },
  tokens: { limits: { tokensPerMinute: 4_000 } },
  concurrent: { limits: { concurrent: 1 } },
  allowance: { allowance: "0.02" },
  markup: { markup: "1.50" },
} as const
type Plan = keyof typeof plans
const names = Object.keys(plans) as readonly Plan[]

let simulator: ProviderSimulator
let installation: Installation
const servers: Partial<Record<(typeof mounts)[number], RunningServer>> = {}

/** Two keys of each organization: limits are the organization's, whoever of it calls. */
const keyOf = (mount: string, plan: Plan, number: 1 | 2) => `sk-e2e-${mount}-${plan}-${number}-brought-from-elsewhere`

beforeAll(async () => {
  ;[simulator, installation] = await Promise.all([startProviderSimulator(), createInstallation()])
  for (const mount of mounts) servers[mount] = await installation.start({ mount })
  const channel = { provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), allowPrivateNetwork: true }
  const organizations = mounts.flatMap((mount) =>
    names.map((plan) => ({
      name: `${mount} ${plan}`,
      kind: "internal",
      plan,
      credit: "0",
      members: [{ email: `ann@${mount}-${plan}.example`, role: "owner", password: "a password of the e2e stage" }],
      keys: ([1, 2] as const).map((number) => ({ name: `key ${number}`, member: `ann@${mount}-${plan}.example`, secret: keyOf(mount, plan, number) })),
    })),
  )
  await installation.apply({
    version: 1,
    channels: [
      { ...channel, name: "paid", credentials: ["sim-credential-paid"], models: [MODEL, UNPRICED] },
      { ...channel, name: "bounded", credentials: ["sim-credential-bounded"], models: [BOUNDED], ceiling: { input: "100", output: "200" } },
    ],
    models: [{ name: MODEL, cost: { input: "1", output: "10" } }],
    plans: names.map((name) => ({ name, price: { amount: "0", period: "month" }, allowance: "20", ...plans[name] })),
    organizations,
  })
  for (const mount of mounts) await untilServed(servers[mount]!, keyOf(mount, "requests", 1), MODEL)
}, 120_000)

afterAll(async () => {
  await installation.stop()
  await simulator.close()
})

describe.each(mounts)("on the %s mount", (mount) => {
  async function call(plan: Plan, { key = 1, maxTokens = 300, model = MODEL }: { readonly key?: 1 | 2; readonly maxTokens?: number; readonly model?: string } = {}) {
    const response = await fetch(`${servers[mount]!.origin}/api/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${keyOf(mount, plan, key)}`, "content-type": "application/json" },
      body: JSON.stringify({ model, max_tokens: maxTokens, messages: [{ role: "user", content: "hi" }] }),
    })
    const body = (await response.json()) as { readonly error?: { readonly message: string; readonly code: string } }
    return { status: response.status, retryAfterSeconds: Number(response.headers.get("retry-after")), error: body.error }
  }

  test("a plan's requests a minute are refused beyond their number for all keys together, with the limit and when it resets", async () => {
    // Three calls lie in two minutes at most, of which one holds two.
    const answers = [await call("requests"), await call("requests", { key: 2 }), await call("requests"), await call("requests", { key: 2 })]
    const refused = answers.find(({ status }) => status !== 200)
    expect(refused).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } })
    expect(refused?.error?.message).toMatch(/^The organization's limit of 2 requests a minute does not cover this call: 2 requests used.* It resets at \d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z\.$/)
    expect(refused?.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(refused?.retryAfterSeconds).toBeLessThanOrEqual(60)
  })

  test("a plan's tokens a minute refuse a call that may need more than they leave, with the limit and when it resets", async () => {
    simulator.script(MODEL, { answer: { usage: { input: 1_000, output: 2_700 } } })
    let refused = await call("tokens", { maxTokens: 2_700 })
    for (let i = 0; i < 3 && refused.status === 200; i++) refused = await call("tokens", { key: 2, maxTokens: 2_700 })
    expect(refused).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } })
    expect(refused.error?.message).toMatch(/^The organization's limit of 4000 tokens a minute does not cover this call: .* It resets at \d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z\.$/)
    simulator.script(MODEL, {})
  })

  test("a plan's calls at a time refuse one more while they run, and let it through when one has ended", async () => {
    simulator.script(MODEL, { delivery: { headAfterMs: SLOW_MS } })
    const answers = await Promise.all([call("concurrent"), call("concurrent", { key: 2 })])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429])
    expect(answers.find(({ status }) => status === 429)?.error?.message).toContain("The organization's limit of 1 call at a time is reached: 1 is running.")
    simulator.script(MODEL, {})
    expect((await call("concurrent", { key: 2 })).status).toBe(200)
  })

  test("an allowance that is used up refuses with the balance, and with when it is given anew", async () => {
    const [subscription] = await installation.query<{ ends: Date }>("SELECT period_end AS ends FROM subscription s JOIN organization o ON o.id = s.organization_id WHERE o.name = $1", [`${mount} allowance`])
    simulator.script(MODEL, { answer: { usage: { input: 1_000, output: 1_800 } } })
    let answer = await call("allowance", { maxTokens: 1_800 })
    expect(answer.status).toBe(200)
    for (let i = 0; i < 5 && answer.status === 200; i++) answer = await call("allowance", { key: 2, maxTokens: 1_800 })
    expect(answer).toMatchObject({ status: 402, error: { code: "insufficient_quota" } })
    expect(answer.error?.message).toContain("The organization's balance of $0.02 in total does not cover this call")
    expect(answer.error?.message).toContain(`The plan's allowance is renewed at ${subscription?.ends.toISOString()}.`)
    simulator.script(MODEL, {})
  })

  test("a model that no price is known of is refused, but served and marked up where its channel has a ceiling", async () => {
    expect(await call("markup", { model: UNPRICED })).toMatchObject({ status: 402, error: { code: "model_without_price" } })
    simulator.script(BOUNDED, { answer: { usage: { input: 1_000, output: 100 } } })
    expect((await call("markup", { model: BOUNDED })).status).toBe(200)
    // $0.10 and $0.02 of cost at most, once and a half.
    const charges = () => installation.query("SELECT cost_nano_usd::text AS cost, charged_nano_usd::text AS charged FROM usage_record u JOIN organization o ON o.id = u.organization_id WHERE o.name = $1 AND model = $2", [`${mount} markup`, BOUNDED])
    await expect.poll(charges).toEqual([{ cost: "120000000", charged: "180000000" }])
  })
})
