import type { Page } from "@playwright/test"
import { expect, test } from "./fixtures.ts"
import { PASSWORD, setUp } from "./flows.ts"

/** What an operator does with plans, and what it means for calls and for the tenant. The steps build on each other. */
test.use({ fresh: "plans" })
test.describe.configure({ mode: "serial" })

const MODEL = "glm-5.3"
const OTHER = "glm-4.6"
const KEY = "sk-e2e-plans-brought-from-elsewhere"
const TENANT = { email: "bob@example.com", password: "a password of the e2e stage" } as const
/** A change is known to a running server within a second; a busy machine is given another one to answer. */
const FOLLOW_MS_MAX = 2_000

let organizationPath = ""

async function signIn(page: Page, email: string, password: string, to: string): Promise<void> {
  await page.goto(`/sign-in?returnTo=${to}`)
  await page.getByLabel("E-mail").first().fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`${to}$`))
}

const asOperator = (page: Page, to: string) => signIn(page, "ann@acme.example", PASSWORD, to)
const headers = { authorization: `Bearer ${KEY}` }
const call = (page: Page, model: string) => page.request.post("/api/v1/chat/completions", { headers, data: { model, max_tokens: 2_500, messages: [{ role: "user", content: "hi" }] } })

async function putOn(page: Page, plan: string): Promise<void> {
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("Plan", { exact: true }).click()
  await page.getByRole("option", { name: plan }).click()
}

test("a plan is made with its allowance, mark-up, models and limits, and a wrong amount is refused beside its field", async ({ page, server, installation, simulator }) => {
  await setUp(page, server)
  await installation.apply({
    version: 1,
    channels: [{ name: "paid", provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-credential-paid"], models: [MODEL, OTHER], allowPrivateNetwork: true }],
    models: [MODEL, OTHER].map((name) => ({ name, cost: { input: "1000", output: "3000" } })),
    organizations: [{ name: "Gate", kind: "customer", members: [{ ...TENANT, role: "owner" }], keys: [{ name: "open", member: TENANT.email, secret: KEY }] }],
  })
  await page.goto("/operator/plans")
  await expect(page.getByText("No plan yet")).toBeVisible()
  await page.getByRole("link", { name: "New plan" }).click()
  await page.getByLabel("Name").fill("Team")
  await page.getByLabel("Price", { exact: true }).fill("ten")
  await page.getByLabel("Allowance").fill("20")
  await page.getByLabel("Mark-up").fill("2")
  await page.getByLabel("Models").fill(MODEL)
  await page.getByLabel("Requests per minute").fill("60")
  await page.getByRole("button", { name: "Create plan" }).click()
  await expect(page.getByLabel("Price", { exact: true })).toHaveAttribute("aria-invalid", "true")
  await page.getByLabel("Price", { exact: true }).fill("10")
  await page.getByRole("button", { name: "Create plan" }).click()
  await expect(page).toHaveURL(/\/operator\/plans\/plan_/)
  await expect(page.getByText("No organization is on it")).toBeVisible()
  await expect(page.getByLabel("Allowance")).toHaveValue("20.00")

  await page.goto("/operator/plans/new")
  await page.getByLabel("Name").fill("Team")
  await page.getByLabel("Price", { exact: true }).fill("40")
  await page.getByRole("button", { name: "Create plan" }).click()
  await expect(page.getByText("A plan of this name exists already.")).toBeVisible()
  await page.getByLabel("Name").fill("Large")
  await page.getByLabel("Allowance").fill("80")
  await page.getByRole("button", { name: "Create plan" }).click()
  await expect(page).toHaveURL(/\/operator\/plans\/plan_/)
})

test("an organization is put on it after a preview, and its next call is on the plan's terms within a second", async ({ page, simulator, installation }) => {
  await asOperator(page, "/operator/organizations")
  expect((await call(page, OTHER)).status()).toBe(200)
  await page.getByRole("link", { name: "Gate" }).click()
  await expect(page.getByText("On no plan")).toBeVisible()
  organizationPath = new URL(page.url()).pathname
  await page.getByRole("button", { name: "Put on a plan" }).click()
  await putOn(page, "Team")
  const dialog = page.getByRole("dialog")
  await expect(dialog.getByText("$20.00 of allowance for it")).toBeVisible()
  await expect(dialog.getByText("$10.00 due for it")).toBeVisible()
  await dialog.getByRole("button", { name: "Put on a plan" }).click()
  await expect(dialog).toBeHidden()

  simulator.script(MODEL, { answer: { usage: { input: 1_000, output: 2_000 } } })
  // What the plan leaves out does not exist, and is not listed.
  await expect.poll(async () => (await call(page, OTHER)).status(), { timeout: FOLLOW_MS_MAX, intervals: [100] }).toBe(404)
  expect((await call(page, MODEL)).status()).toBe(200)
  const listed = (await (await page.request.get("/api/v1/models", { headers })).json()) as { readonly data: readonly { readonly id: string }[] }
  expect(listed.data.map(({ id }) => id)).toEqual([MODEL])
  // $1 and $6 of cost, twice: $14 of the $20.
  await expect.poll(() => installation.query("SELECT charged_nano_usd::text AS charged, markup_ppm FROM usage_record WHERE model = $1", [MODEL])).toEqual([{ charged: "14000000000", markup_ppm: 2_000_000 }])
})

test("what the allowance does not cover is refused, with the moment at which it is renewed", async ({ page, installation }) => {
  const [subscription] = await installation.query<{ ends: Date }>("SELECT period_end AS ends FROM subscription")
  // What is left still buys a shorter answer.
  await expect.poll(async () => (await call(page, MODEL)).status()).toBe(402)
  const answer = await call(page, MODEL)
  expect(answer.status()).toBe(402)
  const { error } = (await answer.json()) as { readonly error: { readonly message: string } }
  expect(error.message).toContain("The organization's balance of $20.00 in total does not cover this call")
  expect(error.message).toContain(`The plan's allowance is renewed at ${subscription?.ends.toISOString()}.`)
})

test("a larger plan gives the difference for the rest, and an organization's own price goes before the plan's", async ({ page, installation }) => {
  await asOperator(page, organizationPath)
  await page.getByRole("button", { name: "Change plan" }).click()
  await putOn(page, "Large")
  const dialog = page.getByRole("dialog")
  await expect(dialog.getByText("$60.00 more of allowance, at once")).toBeVisible()
  await expect(dialog.getByText("$30.00 due for the rest of the period")).toBeVisible()
  await dialog.getByRole("button", { name: "Put on a plan" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText("From Team to Large")).toBeVisible()

  await page.getByRole("button", { name: "Set a price" }).click()
  await dialog.getByLabel("Model").fill("nowhere")
  await dialog.getByLabel("Input", { exact: true }).fill("500")
  await dialog.getByLabel("Output", { exact: true }).fill("500")
  await dialog.getByRole("button", { name: "Set price" }).click()
  await expect(dialog.getByText("There is no such model here.")).toBeVisible()
  await dialog.getByLabel("Model").fill(OTHER)
  await dialog.getByRole("button", { name: "Set price" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole("table", { name: "Own prices" }).getByRole("row").filter({ hasText: OTHER })).toContainText("$500.00 / $500.00")
  await expect.poll(async () => (await call(page, OTHER)).status(), { timeout: FOLLOW_MS_MAX, intervals: [100] }).toBe(200)
  // The model's own price is its cost, $1,000: the last call was sold by the organization's own.
  const prices = () => installation.query<{ input: string }>("SELECT p.rates -> 'units' ->> 'input' AS input FROM usage_record u JOIN price_version p ON p.id = u.sell_price_id WHERE u.model = $1 ORDER BY u.id DESC LIMIT 1", [OTHER])
  await expect.poll(prices).toEqual([{ input: "500000000000" }])
})

test("the tenant sees the plan and what is left of its allowance, and none of the operator's pages", async ({ page }) => {
  await signIn(page, TENANT.email, TENANT.password, "/o/gate")
  await expect(page.getByRole("heading", { name: "Plan", exact: true })).toBeVisible()
  await expect(page.getByText("Large", { exact: true })).toBeVisible()
  await expect(page.getByRole("meter", { name: "Allowance" })).toBeVisible()
  await expect(page.getByText(/^Renews /)).toBeVisible()
  for (const path of ["/operator/plans", "/operator/plans/new"]) expect((await page.goto(path))?.status()).toBe(404)
})

test("an organization is taken off at the period's end or at once, and an archived plan is offered to nobody", async ({ page }) => {
  await asOperator(page, organizationPath)
  const dialog = page.getByRole("dialog")
  await page.getByRole("button", { name: "Leave plan" }).click()
  await dialog.getByRole("button", { name: "Leave plan" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(/^Ends /)).toBeVisible()
  await page.getByRole("button", { name: "Leave plan" }).click()
  await dialog.getByRole("radio", { name: /At once/ }).click()
  await dialog.getByRole("button", { name: "Leave plan" }).click()
  await expect(page.getByText("On no plan")).toBeVisible()

  await page.goto("/operator/plans")
  await page.getByRole("link", { name: "Large" }).click()
  await page.getByRole("button", { name: "Archive" }).click()
  await page.getByRole("alertdialog").getByRole("button", { name: "Archive" }).click()
  await expect(page.getByText("This plan is archived")).toBeVisible()
  await page.goto(organizationPath)
  await page.getByRole("button", { name: "Put on a plan" }).click()
  await dialog.getByLabel("Plan", { exact: true }).click()
  await expect(page.getByRole("option")).toHaveText(["Team"])
})
