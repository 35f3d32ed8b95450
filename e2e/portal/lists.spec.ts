import type { BrowserContext, Page } from "@playwright/test"
import { expect, test } from "./fixtures.ts"
import { PASSWORD, setUp } from "./flows.ts"

/** Lists as they are after a year: long, with long names in them. */
test.use({ fresh: "lists" })

const LONG_NAME = "Grünwald & Söhne Maschinenbau- und Anlagentechnik Gesellschaft mbH"
const people = ["owner", "member"] as const
const emailOf = (who: string) => `${who}.with-a-long-address@engineering.example.com`
const keyNames = Array.from({ length: 60 }, (_, index) => `runner-${String(index).padStart(2, "0")}`)
const models = ["glm-5.3", ...Array.from({ length: 12 }, (_, index) => `vendor/model-${index}`)]

let slug = ""
const states: Partial<Record<(typeof people)[number] | "operator", Awaited<ReturnType<BrowserContext["storageState"]>>>> = {}

test.beforeAll(async ({ browser, server, installation, simulator }) => {
  const page = await (await browser.newContext({ baseURL: server.origin, locale: "en-US" })).newPage()
  await setUp(page, server)
  states.operator = await page.context().storageState()
  await installation.apply({
    version: 1,
    channels: [{ name: "wide", provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-wide"], models, allowPrivateNetwork: true }],
    models: [{ name: "vendor/model-0", price: { input: "1", output: "2" } }],
    organizations: [
      {
        name: LONG_NAME,
        memberBudget: { amount: "5.00", period: "month" },
        members: [...people.map((who) => ({ email: emailOf(who), role: who, password: PASSWORD })), ...Array.from({ length: 8 }, (_, index) => ({ email: emailOf(`person-${index}`), password: PASSWORD }))],
        keys: keyNames.map((name) => ({ name })),
      },
    ],
  })
  for (const who of people) {
    const context = await browser.newContext({ baseURL: server.origin, locale: "en-US" })
    const own = await context.newPage()
    await own.goto("/sign-in")
    await own.getByLabel("E-mail").first().fill(emailOf(who))
    await own.getByLabel("Password").fill(PASSWORD)
    await own.getByRole("button", { name: "Sign in", exact: true }).click()
    await expect(own).toHaveURL(/\/o\//)
    slug = new URL(own.url()).pathname.split("/")[2]!
    states[who] = await context.storageState()
    await context.close()
  }
  await page.context().close()
})

async function open(browser: { newContext(options: object): Promise<BrowserContext> }, origin: string, who: keyof typeof states, width = 1280): Promise<Page> {
  const context = await browser.newContext({ baseURL: origin, storageState: states[who], locale: "en-US", viewport: { width, height: 844 } })
  return context.newPage()
}

const search = async (page: Page, label: string, text: string) => {
  await page.getByRole("searchbox", { name: label }).fill(text)
  await page.getByRole("searchbox", { name: label }).press("Enter")
}

test("a key, a member, a model and an organization are found by a part of their name, also beyond the first page", async ({ browser, server }) => {
  const page = await open(browser, server.origin, "owner")
  await page.goto(`/o/${slug}/keys`)
  await search(page, "Find a key", keyNames[0]!)
  await expect(page.getByRole("table", { name: "Keys" }).getByRole("row")).toHaveCount(2)
  await search(page, "Find a key", "nothing of this kind")
  await expect(page.getByText("Nothing matches “nothing of this kind”")).toBeVisible()
  await page.getByRole("link", { name: "Show all" }).click()
  await expect(page.getByRole("table", { name: "Keys" }).getByRole("row")).toHaveCount(51)

  await page.goto(`/o/${slug}/members`)
  await search(page, "Find a member", "PERSON-3")
  await expect(page.getByRole("table", { name: "Members" }).getByRole("row")).toHaveCount(2)
  await page.context().close()

  const operator = await open(browser, server.origin, "operator")
  await operator.goto("/operator/models")
  await search(operator, "Find a model", "model-11")
  await expect(operator.getByRole("table", { name: "Models & prices" }).getByRole("row")).toHaveCount(2)
  await operator.goto("/operator/models")
  await operator.getByRole("link", { name: "Without a price (11)" }).click()
  await expect(operator.getByRole("table", { name: "Models & prices" }).getByRole("row")).toHaveCount(12)
  await operator.goto("/operator/organizations?q=grünwald")
  await expect(operator.getByRole("link", { name: LONG_NAME })).toBeVisible()
  await operator.goto(`/operator/organizations?q=${emailOf("owner")}`)
  await expect(operator.getByRole("link", { name: LONG_NAME })).toBeVisible()
  await operator.context().close()
})

test("the overview counts every live key, not a page of them", async ({ browser, server }) => {
  const page = await open(browser, server.origin, "owner")
  await page.goto(`/o/${slug}`)
  await expect(page.getByText(String(keyNames.length), { exact: true })).toBeVisible()
  await page.context().close()
})

test("a page that one's role may not see is a 404 beside the organization's navigation, which does not lead there", async ({ browser, server }) => {
  const page = await open(browser, server.origin, "member")
  const response = await page.goto(`/o/${slug}/members`)
  expect(response?.status()).toBe(404)
  await expect(page.getByRole("heading", { level: 1, name: "There is nothing at this address" })).toBeVisible()
  await expect(page.getByRole("main")).toHaveCount(1)
  const navigation = page.getByRole("navigation", { name: "Main navigation" })
  await expect(navigation.getByRole("link", { name: "Keys" })).toBeVisible()
  await expect(navigation.getByRole("link", { name: "Members" })).toHaveCount(0)
  await page.context().close()
})

test("a long name of an organization stays in the sidebar", async ({ browser, server }) => {
  const page = await open(browser, server.origin, "owner")
  await page.goto(`/o/${slug}`)
  const main = (await page.getByRole("main").boundingBox())!
  for (const part of [page.getByRole("button", { name: /switch organization/ }), page.getByRole("link", { name: "Overview" })]) {
    const box = (await part.boundingBox())!
    expect(box.x + box.width).toBeLessThanOrEqual(main.x)
  }
  await page.context().close()
})

test("on a telephone the tables of members, budgets, keys and organizations need no scrolling sideways", async ({ browser, server }) => {
  const owner = await open(browser, server.origin, "owner", 390)
  const operator = await open(browser, server.origin, "operator", 390)
  const overflowing = (page: Page) => page.getByRole("region").evaluateAll((regions) => regions.filter((region) => region.querySelector("table") !== null && region.scrollWidth > region.clientWidth).map((region) => region.getAttribute("aria-label")))
  for (const path of ["members", "budgets", "keys"]) {
    await owner.goto(`/o/${slug}/${path}`)
    expect(await overflowing(owner), path).toEqual([])
  }
  await operator.goto("/operator/organizations")
  expect(await overflowing(operator)).toEqual([])
  await owner.context().close()
  await operator.context().close()
})
