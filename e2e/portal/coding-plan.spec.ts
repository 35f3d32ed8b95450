import { expect, test } from "./fixtures.ts"
import { addPlanChannel, setUp } from "./flows.ts"

/** A coding plan from its windows to its provider's word that one is used up. The steps build on each other. */
test.use({ fresh: "coding-plan" })
test.describe.configure({ mode: "serial" })

const MODEL = "glm-5.3"
const KEY = "sk-e2e-coding-plan-brought-from-elsewhere"

let channelPath = ""

test("the operator sets a plan's windows, and they show what calls used of them", async ({ page, server, installation, simulator }) => {
  await setUp(page, server)
  await addPlanChannel(page, `${simulator.baseUrl("zhipu-coding")}/chat/completions`, MODEL)
  channelPath = new URL(page.url()).pathname
  await expect(page.getByText("No windows are set")).toBeVisible()

  await page.getByRole("button", { name: "Set windows" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("At most").fill("3")
  await dialog.getByRole("button", { name: "Add a window" }).click()
  await dialog.getByLabel("At most").nth(1).fill("40")
  await dialog.getByRole("button", { name: "Save" }).click()
  await expect(page.getByRole("meter", { name: "Prompts every 5 h" })).toHaveAttribute("aria-valuenow", "0")

  await installation.apply({
    version: 1,
    channels: [{ name: "paid", provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-credential-paid"], models: [MODEL], allowPrivateNetwork: true }],
    models: [{ name: MODEL, cost: { input: "1.00", output: "3.00" } }],
    organizations: [{ name: "Gate", kind: "internal", members: [{ email: "bob@example.com", role: "owner", password: "a password of the e2e stage" }], keys: [{ name: "open", member: "bob@example.com", secret: KEY }] }],
  })
  const call = async () => {
    const response = await page.request.post("/api/v1/chat/completions", { headers: { authorization: `Bearer ${KEY}` }, data: { model: MODEL, messages: [{ role: "user", content: "hi" }] } })
    return response.headers()["x-turnpike-channel"] ?? (await response.text())
  }
  await expect.poll(call).toBe("glm-coding")
  expect([await call(), await call(), await call()]).toEqual(["glm-coding", "glm-coding", "paid"])
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole("meter", { name: "Prompts every 5 h" })).toHaveAttribute("aria-valuenow", "100", { timeout: 1_000 })
  }).toPass()
  await expect(page.getByText("3 of 40")).toBeVisible()
  await expect(page.getByText("Saved this month")).toBeVisible()
})

test("what a provider says of its plan is learnt: nothing is sent before its reset, until the operator says so", async ({ page, server, simulator }) => {
  await page.goto(`/sign-in?returnTo=${channelPath}`)
  await page.getByLabel("E-mail").first().fill("ann@acme.example")
  await page.getByLabel("Password").fill("a long password for the browser tests")
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await page.getByRole("button", { name: "Set windows" }).click()
  await page.getByRole("dialog").getByLabel("At most").first().fill("30")
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click()
  await expect(page.getByText("3 of 30")).toBeVisible()

  // Zhipu's own words, whose time is China's.
  const reset = new Date(Date.now() + 2 * 3_600_000)
  const inChina = new Date(reset.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ")
  simulator.script(MODEL, { refusal: { status: 429, code: "1308", message: `已达到 5 小时的使用上限。您的限额将在 ${inChina} 重置。` } }, {})
  const call = async () => {
    const response = await page.request.post(`${server.origin}/api/v1/chat/completions`, { headers: { authorization: `Bearer ${KEY}` }, data: { model: MODEL, messages: [{ role: "user", content: "hi" }] } })
    return response.headers()["x-turnpike-channel"] ?? (await response.text())
  }
  await expect(async () => {
    expect(await call()).toBe("paid")
    await page.reload()
    await expect(page.getByText("this plan is used up until")).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await expect(page.getByRole("meter", { name: "Prompts every 5 h" })).toHaveAttribute("aria-valuenow", "100")
  await page.getByRole("button", { name: "Try again now" }).click()
  await expect(page.getByText("this plan is used up until")).toHaveCount(0)
  await expect.poll(call, { timeout: 15_000 }).toBe("glm-coding")
})
