import { OpenAI } from "#e2e/clients/latest/vendors.ts"
import type { Page } from "@playwright/test"
import type { RunningServer } from "#e2e/fixtures/installation.ts"
import { expect, test } from "./fixtures.ts"
import { addPlanChannel, PASSWORD, setUp } from "./flows.ts"

/** The way of a new user, in one browser for the operator and one for the member: from the printed link to a spent dollar. */
test.use({ fresh: "journey" })

const MODEL = "glm-4.6"
/** Dollars per million tokens: one token of output is 0.002 dollars, so that a dollar is soon spent. */
const PRICE = { input: "100", output: "2000" }
const ANSWER = "toll ".repeat(80)
const chargeOf = (usage: OpenAI.CompletionUsage): number => usage.prompt_tokens * 0.0001 + usage.completion_tokens * 0.002

test("from the set-up link to a refusal that names the spent dollar", async ({ browser, page, simulator, installation, server }) => {
  test.setTimeout(240_000)
  simulator.script(MODEL, { answer: { text: ANSWER } })
  await test.step("the first operator sets the installation up", () => setUp(page, server))
  await test.step("a GLM coding plan is added by its pasted URL", () => addPlanChannel(page, `${simulator.baseUrl("zhipu-coding")}/chat/completions`, MODEL))
  await test.step("the model gets a price", () => setPrice(page))
  const link = await test.step("a member is invited with a dollar", () => invite(page))

  const member = await (await browser.newContext({ baseURL: server.origin, locale: "en-US" })).newPage()
  await test.step("the member joins by the invitation", () => join(member, link))
  const key = await test.step("the member creates a key", () => createKey(member))

  const spent = await test.step("the openai package is answered on both mounts, streamed and not", async () => {
    const next = await installation.start({ mount: "next" })
    let dollars = 0
    for (const { origin } of [server, next]) dollars += await callTwice(origin, key)
    return dollars
  })
  await test.step("the member sees the exact cost", () => seeCost(member, spent))
  await test.step("the next call that the dollar does not cover is refused by name", () => spendTheRest(server, key))
})

async function setPrice(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Models & prices" }).click()
  await page.getByRole("link", { name: MODEL }).click()
  await page.getByRole("button", { name: "Set the sell price" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("Input", { exact: true }).fill(PRICE.input)
  await dialog.getByLabel("Output", { exact: true }).fill(PRICE.output)
  await dialog.getByRole("button", { name: "Set price" }).click()
  await expect(page.getByText("Price set")).toBeVisible()
}

async function invite(page: Page): Promise<string> {
  await page.goto("/o/acme/members")
  await page.getByRole("button", { name: "Invite" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("E-mail").fill("bob@acme.example")
  await dialog.getByLabel("Budget").fill("1.00")
  await dialog.getByLabel("Per", { exact: true }).click()
  await page.getByRole("option", { name: "In total" }).click()
  await dialog.getByRole("button", { name: "Create invitation" }).click()
  const link = page.getByRole("dialog").getByLabel("Invitation link")
  await expect(link).toBeVisible()
  return link.inputValue()
}

async function join(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await expect(page.getByRole("heading", { name: "Join Acme" })).toBeVisible()
  await expect(page.getByLabel("E-mail")).toHaveValue("bob@acme.example")
  await page.getByLabel("Your name").fill("Bob Member")
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Join Acme" }).click()
  await expect(page).toHaveURL(/\/o\/acme/)
}

async function createKey(page: Page): Promise<string> {
  await page.goto("/o/acme/keys")
  await page.getByRole("button", { name: "Create key" }).first().click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("Name", { exact: true }).fill("laptop")
  await dialog.getByRole("button", { name: "Create key" }).click()
  await expect(page.getByRole("heading", { name: "laptop is ready" })).toBeVisible()
  return page.getByLabel("Secret").inputValue()
}

const messages = [{ role: "user" as const, content: "Hello" }]
const clientOf = (origin: string, apiKey: string) => new OpenAI({ baseURL: `${origin}/api/v1`, apiKey, maxRetries: 0, timeout: 20_000 })

/** One call streamed and one not; returns what both must have cost, in dollars. */
async function callTwice(origin: string, key: string): Promise<number> {
  const client = clientOf(origin, key)
  const whole = await client.chat.completions.create({ model: MODEL, messages, max_tokens: 100 })
  expect(whole.choices[0]!.message.content).toBe(ANSWER)
  const stream = client.chat.completions.stream({ model: MODEL, messages, max_tokens: 100, stream_options: { include_usage: true } })
  expect((await stream.finalChatCompletion()).choices[0]!.message.content).toBe(ANSWER)
  return chargeOf(whole.usage!) + chargeOf(await stream.totalUsage())
}

async function seeCost(page: Page, dollars: number): Promise<void> {
  const exact = `$${dollars.toFixed(9).replace(/0+$/, "")}`
  await expect(async () => {
    await page.goto("/o/acme/usage")
    await expect(page.getByText(exact).first()).toBeVisible({ timeout: 2_000 })
  }).toPass({ timeout: 15_000 })
}

/** 0.8 dollars are spent: one more call of 0.2 is shortened to what is left, and the one after it is refused. */
async function spendTheRest({ origin }: RunningServer, key: string): Promise<void> {
  const client = clientOf(origin, key)
  const call = () => client.chat.completions.create({ model: MODEL, messages, max_tokens: 100 })
  let refusal: unknown
  for (let calls = 0; calls < 4 && refusal === undefined; calls++) await call().catch((error: unknown) => (refusal = error))
  expect(refusal).toBeInstanceOf(OpenAI.APIError)
  const { status, message } = refusal as InstanceType<typeof OpenAI.APIError>
  expect(status).toBe(402)
  expect(message).toMatch(/Your budget of \$1\b/)
}
