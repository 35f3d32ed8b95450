import type { Page } from "@playwright/test"
import { startMailbox } from "#e2e/fixtures/mailbox.ts"
import { expect, test } from "./fixtures.ts"

/** From the set-up link to a member who is signed out from afar. The steps build on each other. */
test.use({ fresh: "people" })
test.describe.configure({ mode: "serial" })

const PASSWORD = "correct horse battery"

async function signIn(page: Page, email: string, password = PASSWORD) {
  await page.getByLabel("E-mail").first().fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
}

test("the printed link sets the installation up, once, also after a second process has printed its own", async ({ page, server, installation }) => {
  const printedLink = /http:\S+\/setup\?token=\S+/
  const [link] = await server.printed(printedLink)
  const second = await installation.start()
  const [secondLink] = await second.printed(printedLink)
  await page.goto(link)
  await page.getByLabel("Your organization").fill("Acme")
  await page.getByLabel("Your name").fill("Ann")
  await page.getByLabel("E-mail").fill("ann@example.com")
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Set up" }).click()
  await expect(page).toHaveURL(/\/operator\/channels$/)
  for (const spent of [link, secondLink]) {
    await page.goto(spent)
    await expect(page.getByRole("heading", { name: "Turnpike is set up" })).toBeVisible()
  }
  await second.stop()
})

test("a wrong password is refused in words, keeps what was typed, and the right one leads back to where one wanted to go", async ({ page }) => {
  await page.goto("/o/acme/members")
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Fo%2Facme%2Fmembers$/)
  await signIn(page, "ann@example.com", "not the password")
  await expect(page.getByText("This e-mail and password do not belong together.")).toBeVisible()
  await expect(page.getByLabel("E-mail")).toHaveValue("ann@example.com")
  await signIn(page, "ann@example.com")
  await expect(page).toHaveURL(/\/o\/acme\/members$/)
})

test("whoever is invited joins with the role that was given, and can be signed out from afar", async ({ browser, page, baseURL }) => {
  await page.goto("/sign-in?returnTo=/o/acme/members")
  await signIn(page, "ann@example.com")
  await page.getByRole("button", { name: "Invite" }).click()
  await page.getByLabel("E-mail").fill("bob@example.com")
  await page.getByLabel("Budget").fill("1.00")
  await page.getByRole("button", { name: "Create invitation" }).click()
  const link = await page.getByLabel("Invitation link").inputValue()
  await page.getByRole("button", { name: "Done" }).click()

  // The invitation is Bob's: Ann, who holds the link, cannot take it.
  await page.goto(link)
  await expect(page.getByText("This invitation is for bob@example.com")).toBeVisible()

  const first = await (await browser.newContext({ baseURL: baseURL! })).newPage()
  await first.goto(link)
  await first.getByLabel("Your name").fill("Bob")
  await first.getByLabel("Password").fill(PASSWORD)
  await first.getByRole("button", { name: "Join Acme" }).click()
  await expect(first).toHaveURL(/\/o\/acme$/)
  expect((await first.goto("/o/acme/settings"))?.status()).toBe(404)

  const second = await (await browser.newContext({ baseURL: baseURL! })).newPage()
  await second.goto("/sign-in?returnTo=/account")
  await signIn(second, "bob@example.com")
  await second.getByRole("button", { name: "Sign out all others" }).click()
  await second.getByRole("alertdialog").getByRole("button", { name: "Sign out all others" }).click()
  await expect(second.getByRole("button", { name: "Sign out all others" })).toHaveCount(0)
  await first.goto("/account")
  await expect(first).toHaveURL(/\/sign-in/)
})

test("a link by mail signs in by a press, once; a stranger is told the same and gets none", async ({ page, installation }) => {
  const mailbox = await startMailbox()
  const server = await installation.start({ environment: { SMTP_URL: mailbox.url, OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b", OIDC_NAME: "Example ID" } })
  const ask = async (email: string) => {
    await page.goto(`${server.origin}/sign-in`)
    await page.getByLabel("E-mail").last().fill(email)
    await page.getByRole("button", { name: "Mail me a sign-in link" }).click()
    await expect(page.getByRole("heading", { name: "Look in your mail" })).toBeVisible()
  }
  await ask("stranger@example.com")
  await ask("bob@example.com")
  const [link] = /http:\S+\/sign-in\/mail\?\S+/.exec(await mailbox.next("bob@example.com")) ?? []
  await page.goto(link!)
  await page.getByRole("button", { name: "Sign in" }).click()
  await expect(page).toHaveURL(`${server.origin}/o/acme`)

  await page.context().clearCookies()
  await page.goto(link!)
  await page.getByRole("button", { name: "Sign in" }).click()
  await expect(page.getByText("This link has been used already")).toBeVisible()
  await expect(page.getByRole("button", { name: "Continue with Example ID" })).toBeVisible()
  await expect(mailbox.next("stranger@example.com")).rejects.toThrow(/no mail/)
  await server.stop()
  await mailbox.close()
})
