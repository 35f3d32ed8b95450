import type { Locator, Page } from "@playwright/test"
import type { Installation } from "#e2e/fixtures/installation.ts"
import { expect, test } from "./fixtures.ts"
import { PASSWORD, setUp } from "./flows.ts"

/** What an operator does with a tenant's money, and what the tenant sees of it. The steps build on each other. */
test.use({ fresh: "money" })
test.describe.configure({ mode: "serial" })

const MODEL = "glm-5.3"
const KEY = "sk-e2e-money-brought-from-elsewhere"
const TENANT = { email: "bob@example.com", password: "a password of the e2e stage" } as const
const DAY_MS = 86_400_000

let organizationPath = ""

const posting = (page: Page, text: string): Locator => page.getByRole("table", { name: "Postings" }).getByRole("row").filter({ hasText: text })
/** The figure under its name, such as “Paid”. */
const figure = (page: Page, name: string): Locator => page.getByRole("term").filter({ hasText: name }).locator("xpath=following-sibling::dd").getByText(/\$/)

async function signIn(page: Page, email: string, password: string, to: string): Promise<void> {
  await page.goto(`/sign-in?returnTo=${to}`)
  await page.getByLabel("E-mail").first().fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page).toHaveURL((url) => url.pathname === to)
}

async function openOrganization(page: Page): Promise<void> {
  await signIn(page, "ann@acme.example", PASSWORD, organizationPath)
}

/** Sends the open dialog's form, and waits until it has closed over it. */
async function send(page: Page, name: string): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name }).click()
  await expect(page.getByRole("dialog")).toBeHidden()
}

const lots = (installation: Installation) => installation.query<{ kind: string; remaining: string }>("SELECT kind, remaining_nano_usd::text AS remaining FROM credit_lot ORDER BY created_at")

test("paid credit and credit with a last day are given, and stand in the wallet and in the books", async ({ page, server, installation, simulator }) => {
  await setUp(page, server)
  await installation.apply({
    version: 1,
    channels: [{ name: "paid", provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-credential-paid"], models: [MODEL], allowPrivateNetwork: true }],
    models: [{ name: MODEL, cost: { input: "1000", output: "3000" } }],
    organizations: [{ name: "Gate", kind: "customer", members: [{ ...TENANT, role: "owner" }], keys: [{ name: "open", member: TENANT.email, secret: KEY }] }],
  })
  await page.goto("/operator/organizations")
  await page.getByRole("link", { name: "Gate" }).click()
  await expect(page.getByRole("heading", { name: "Gate" })).toBeVisible()
  organizationPath = new URL(page.url()).pathname
  await expect(page.getByText("No wallet")).toBeVisible()
  await expect(page.getByText("Nothing was posted yet")).toBeVisible()

  await page.getByRole("button", { name: "Add credit" }).click()
  await page.getByLabel("Amount").fill("25")
  await page.getByLabel("Reason").fill("invoice 17")
  await send(page, "Add credit")
  await expect(figure(page, "Balance")).toHaveText("$25.00")

  await page.getByRole("button", { name: "Add credit" }).click()
  await page.getByRole("radio", { name: /Promotional/ }).click()
  await page.getByLabel("Amount").fill("5")
  await page.getByLabel("Reason").fill("welcome")
  await page.getByLabel("Last day").fill("2020-01-01")
  await page.getByRole("dialog").getByRole("button", { name: "Add credit" }).click()
  await expect(page.getByText("The last day must not be over yet.")).toBeVisible()
  await page.getByLabel("Last day").fill(new Date(Date.now() + 3 * DAY_MS).toISOString().slice(0, 10))
  await send(page, "Add credit")
  await expect(figure(page, "Promotional")).toHaveText("$5.00")
  await expect(page.getByRole("table", { name: "Credit" }).getByRole("row").filter({ hasText: "welcome" })).toContainText("$5.00")
  await expect(posting(page, "welcome")).toContainText("+$5.00 promotional")
  await expect(posting(page, "invoice 17")).toContainText("ann@acme.example")
})

test("a balance is adjusted with a reason, and more than is there is refused with how much there is", async ({ page }) => {
  await openOrganization(page)
  await page.getByRole("button", { name: "Adjust balance" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("Direction").click()
  await page.getByRole("option", { name: "Down" }).click()
  await dialog.getByLabel("Amount").fill("30")
  await dialog.getByLabel("Reason").fill("credited twice")
  await dialog.getByRole("button", { name: "Adjust balance" }).click()
  await expect(dialog.getByText("No more than $25.00 can be taken now")).toBeVisible()
  await dialog.getByLabel("Amount").fill("3")
  await send(page, "Adjust balance")
  await expect(figure(page, "Paid")).toHaveText("$22.00")
  await expect(posting(page, "credited twice")).toContainText("−$3.00 paid")
})

test("a call is paid from what expires first, and refunded by its request id, but not twice", async ({ page, installation, simulator }) => {
  simulator.script(MODEL, { answer: { usage: { input: 1_000, output: 2_000 } } })
  const response = await page.request.post("/api/v1/chat/completions", { headers: { authorization: `Bearer ${KEY}` }, data: { model: MODEL, max_tokens: 2_500, messages: [{ role: "user", content: "hi" }] } })
  expect(response.status()).toBe(200)
  const requestId = response.headers()["x-turnpike-request-id"] ?? ""
  expect(requestId).toMatch(/^req_/)
  // $1 and $6: five from the gift, two from paid credit.
  await expect.poll(() => lots(installation)).toEqual([{ kind: "walletPromotional", remaining: "0" }])

  await openOrganization(page)
  await expect(figure(page, "Paid")).toHaveText("$20.00")
  const dialog = page.getByRole("dialog")
  const refund = async () => {
    await page.getByRole("button", { name: "Refund" }).click()
    await dialog.getByLabel("Request id").fill(requestId)
    await dialog.getByLabel("Reason").fill("the answer was empty")
    await dialog.getByRole("button", { name: "Refund" }).click()
  }
  await refund()
  await expect(dialog).toBeHidden()
  await expect(figure(page, "Balance")).toHaveText("$27.00")
  await expect(figure(page, "Paid")).toHaveText("$22.00")
  await expect(posting(page, "the answer was empty")).toContainText(requestId)
  await refund()
  await expect(dialog.getByText("No more than $0.00 of this call is left to refund.")).toBeVisible()
  await page.keyboard.press("Escape")
  await page.getByRole("link", { name: "With usage" }).click()
  await expect(posting(page, "Usage")).toContainText("−$5.00 promotional")
})

test("what expires leaves the wallet within seconds, and the tenant sees what is left and until when", async ({ page, browser, installation, server }) => {
  await openOrganization(page)
  await page.getByRole("button", { name: "Add credit" }).click()
  await page.getByRole("radio", { name: /Promotional/ }).click()
  await page.getByLabel("Amount").fill("4")
  await page.getByLabel("Reason").fill("for the weekend")
  await page.getByLabel("Last day").fill(new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10))
  await send(page, "Add credit")
  await expect(posting(page, "for the weekend")).toBeVisible()

  const theirs = await browser.newContext({ baseURL: server.origin, locale: "en-US" })
  const tenant = await theirs.newPage()
  await signIn(tenant, TENANT.email, TENANT.password, "/o/gate")
  await expect(tenant.getByText("$4.00 promotional, until")).toBeVisible()
  await expect(tenant.getByText("$5.00 promotional, without an end")).toBeVisible()
  expect((await tenant.goto(organizationPath))?.status()).toBe(404)

  await installation.query("UPDATE credit_lot SET expires_at = now() - interval '1 second' WHERE amount_nano_usd = 4000000000")
  await expect(async () => {
    await page.reload()
    await expect(posting(page, "Expiry")).toContainText("−$4.00 promotional", { timeout: 5_000 })
  }).toPass({ timeout: 40_000 })
  await tenant.goto("/o/gate")
  await expect(tenant.getByText("$5.00 promotional, without an end")).toBeVisible()
  await expect(tenant.getByText("$4.00 promotional")).toHaveCount(0)
  // The day's usage stands behind what else happened on it.
  await tenant.getByRole("link", { name: "Statement of this month" }).click()
  const lines = tenant.getByRole("table", { name: "Lines of the statement" }).getByRole("row")
  await expect(lines.filter({ hasText: "the answer was empty" })).toContainText(/Refund.*\+\$7\.00\$34\.00/)
  await expect(lines.filter({ hasText: "for the weekend" }).filter({ hasText: "Expiry" })).toContainText(/−\$4\.00\$34\.00/)
  await expect(lines.last()).toContainText(/Usage of the day.*−\$7\.00\$27\.00/)
  await expect(figure(tenant, "Balance now")).toHaveText("$27.00")
  const csv = await tenant.request.get(`${new URL(tenant.url()).pathname}/export`)
  const rows = (await csv.text()).trimEnd().split("\r\n")
  expect(rows.filter((line) => /,(?:expiry|refund|usage),/.test(line)).map((line) => line.split(",").slice(1))).toEqual([
    ["refund", "the answer was empty", "7.00", "34.00"],
    ["expiry", "for the weekend", "-4.00", "34.00"],
    ["usage", "", "-7.00", "27.00"],
  ])
  expect(rows.at(-1)).toMatch(/,closing,,,27\.00$/)
  await theirs.close()
})

test("a call whose usage the provider did not say is offered for a refund", async ({ page, simulator }) => {
  simulator.script(MODEL, { answer: { usage: "none" } })
  const response = await page.request.post("/api/v1/chat/completions", { headers: { authorization: `Bearer ${KEY}` }, data: { model: MODEL, max_tokens: 500, messages: [{ role: "user", content: "hi" }] } })
  expect(response.status()).toBe(200)
  const requestId = response.headers()["x-turnpike-request-id"] ?? ""
  await openOrganization(page)
  const flagged = page.getByRole("table", { name: "Flagged calls" }).getByRole("row").filter({ hasText: requestId })
  await expect(async () => {
    await page.reload()
    await expect(flagged).toContainText("Estimated", { timeout: 5_000 })
  }).toPass()
  await flagged.getByRole("button", { name: "Refund" }).click()
  await expect(page.getByRole("dialog").getByLabel("Request id")).toHaveValue(requestId)
  await page.getByRole("dialog").getByLabel("Reason").fill("it was counted by us")
  await send(page, "Refund")
  await expect(posting(page, "it was counted by us")).toContainText(requestId)
  await expect(flagged.getByRole("button")).toHaveCount(0)
  await expect(figure(page, "Balance")).toHaveText("$27.00")
})
