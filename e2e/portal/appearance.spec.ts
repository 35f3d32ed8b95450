import { readFileSync } from "node:fs"
import type { BrowserContext, Page } from "@playwright/test"
import { LOCALE_COOKIE, type Locale } from "#lib/kernel/locales.ts"
import messages from "#messages/en.json" with { type: "json" }
import { expect, test } from "./fixtures.ts"
import { setUp } from "./flows.ts"

/** Every page of the build, as its reader sees it: in both languages, light and dark, on a telephone and on a desk. */
test.use({ fresh: "appearance" })

const WIDTH_TELEPHONE = 390
const looks = [
  { locale: "en", colorScheme: "light", width: WIDTH_TELEPHONE },
  { locale: "zh-CN", colorScheme: "dark", width: WIDTH_TELEPHONE },
  { locale: "en", colorScheme: "dark", width: 1280 },
  { locale: "zh-CN", colorScheme: "light", width: 1280 },
] as const satisfies readonly { readonly locale: Locale; readonly colorScheme: "light" | "dark"; readonly width: number }[]

/** Pages that make something of a secret in their address, or send the reader on at once. */
const elsewhere = ["/enter", "/operator", "/sign-in/link", "/sign-in/mail", "/setup"]

/** What next-intl shows where a message is missing: its path, `keys.form.name`, and not a host's name such as `open.bigmodel.cn`. */
const missingMessage = new RegExp(`(?<![\\w./@-])(?:${Object.keys(messages).join("|")})(?:\\.[a-zA-Z]+)+`)

/** The paths of all pages, from the build's own manifest; organizations' pages as Acme's. What needs another id is left to its own tests. */
function pagePaths(): readonly string[] {
  const manifest = JSON.parse(readFileSync(".next/app-path-routes-manifest.json", "utf8")) as Record<string, string>
  return Object.entries(manifest)
    .filter(([file]) => file.endsWith("/page"))
    .map(([, path]) => path.replace("[org]", "acme"))
    .filter((path) => !path.includes("[") && !elsewhere.includes(path) && !path.startsWith("/_"))
    .sort()
}

let state: Awaited<ReturnType<BrowserContext["storageState"]>>
test.beforeAll(async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.origin, locale: "en-US" })
  await setUp(await context.newPage(), server)
  state = await context.storageState()
  await context.close()
})

for (const { locale, colorScheme, width } of looks) {
  test(`every page is whole in ${locale}, ${colorScheme}, ${width} pixels wide`, async ({ browser, server }) => {
    const signedIn = await browser.newContext({ baseURL: server.origin, storageState: state, colorScheme, viewport: { width, height: 844 } })
    const signedOut = await browser.newContext({ baseURL: server.origin, colorScheme, viewport: { width, height: 844 } })
    for (const context of [signedIn, signedOut]) await context.addCookies([{ name: LOCALE_COOKIE, value: locale, url: server.origin }])
    const paths = pagePaths()
    expect(paths.length).toBeGreaterThan(8)
    const [inside, outside] = [await signedIn.newPage(), await signedOut.newPage()]
    for (const path of paths) await look(path.startsWith("/sign-") ? outside : inside, path, locale)
    await signedIn.close()
    await signedOut.close()
  })
}

async function look(page: Page, path: string, locale: Locale): Promise<void> {
  const complaints: string[] = []
  const listen = (message: { type(): string; text(): string }) => message.type() === "error" && complaints.push(message.text())
  const fail = (error: Error) => complaints.push(error.message)
  page.on("console", listen).on("pageerror", fail)
  const response = await page.goto(path)
  await expect.soft(page.getByRole("heading", { level: 1 }), `${path}: one main heading`).toHaveCount(1)
  expect.soft(response?.status(), path).toBe(200)
  expect.soft(await page.locator("html").getAttribute("lang"), path).toBe(locale)
  const text = await page.locator("body").innerText()
  if (locale === "zh-CN") expect.soft(text, `${path} is in Chinese`).toMatch(/[一-龥]/)
  expect.soft(text, path).not.toMatch(missingMessage)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect.soft(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0)
  expect.soft(complaints, path).toEqual([])
  page.off("console", listen).off("pageerror", fail)
}

test("a refusal that names no field stands in a dialog between its title and its fields, which scroll, and covers neither", async ({ browser, server, installation }) => {
  const context = await browser.newContext({ baseURL: server.origin, storageState: state, viewport: { width: WIDTH_TELEPHONE, height: 600 } })
  const page = await context.newPage()
  await page.goto("/o/acme/keys")
  await page.getByRole("button", { name: "Create key" }).first().click()
  await page.getByLabel("Name", { exact: true }).fill("laptop")
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).first().click()
  await page.getByRole("button", { name: "Actions for laptop" }).click()
  await page.getByRole("menuitem", { name: "Edit" }).click()
  // Somebody else is faster.
  await installation.query("UPDATE api_key SET revoked_at = now() WHERE name = 'laptop'")
  const dialog = page.getByRole("dialog", { name: "Edit laptop" })
  await dialog.getByRole("button", { name: "Save" }).click()
  await expect(dialog.getByRole("alert")).toBeVisible()

  const parts = [dialog.getByRole("heading"), dialog.getByRole("alert"), dialog.getByText("Name", { exact: true }), dialog.getByRole("button", { name: "Save" })]
  const boxes = await Promise.all(parts.map(async (part) => (await part.boundingBox())!))
  for (const [index, box] of boxes.entries()) {
    expect(box.y, `part ${index}`).toBeGreaterThanOrEqual(index === 0 ? 0 : boxes[index - 1]!.y + boxes[index - 1]!.height)
    expect(box.y + box.height, `part ${index}`).toBeLessThanOrEqual(600)
  }
  await context.close()
})
