import type { Browser, Page } from "@playwright/test"
import { type OidcProvider, startOidcProvider } from "#e2e/fixtures/oidc-provider.ts"
import type { RunningServer } from "#e2e/fixtures/installation.ts"
import { expect, test } from "./fixtures.ts"

/** Sign-in through an OpenID Connect provider, from the first link to a forged token. The steps build on each other. */
test.use({ fresh: "oidc" })
test.describe.configure({ mode: "serial" })

const ann = { sub: "ann-at-the-provider", email: "ann@example.com", name: "Ann" }
const PASSWORD = "correct horse battery"

let provider: OidcProvider
let server: RunningServer

test.beforeAll(async ({ installation }) => {
  provider = await startOidcProvider()
  const { issuer, clientId, clientSecret } = provider
  server = await installation.start({
    environment: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: "Example ID", TURNPIKE_ADMIN_EMAIL: ann.email, TURNPIKE_ADMIN_PASSWORD: PASSWORD },
  })
})
test.afterAll(() => provider.close())

/** A browser that nobody is signed in with, at the sign-in page. */
async function stranger(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: server.origin })).newPage()
  await page.goto("/sign-in?returnTo=/account")
  return page
}

const signInAtProvider = (page: Page) => page.getByRole("button", { name: "Example ID" }).click()

/** Back at the sign-in page with a reason, and signed in nowhere. */
async function expectRefusal(page: Page) {
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible()
  await page.goto("/account")
  await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount/)
}

test("an account of the provider with the e-mail of somebody known is not theirs before they have linked it", async ({ browser }) => {
  provider.signedIn(ann)
  const page = await stranger(browser)
  await signInAtProvider(page)
  await expectRefusal(page)
})

test("linked from a signed-in browser it signs in from any other, until the link is taken away", async ({ browser }) => {
  const page = await stranger(browser)
  await page.getByLabel("E-mail").first().fill(ann.email)
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.getByRole("listitem").filter({ hasText: "Example ID" }).getByRole("button", { name: "Link" }).click()
  const unlink = page.getByRole("listitem").filter({ hasText: "Example ID" }).getByRole("button", { name: "Unlink" })
  await expect(unlink).toBeVisible()

  const elsewhere = await stranger(browser)
  await signInAtProvider(elsewhere)
  await expect(elsewhere).toHaveURL(/\/account$/)
  await expect(elsewhere.getByText(ann.email).first()).toBeVisible()

  await unlink.click()
  await page.getByRole("alertdialog").getByRole("button", { name: "Unlink" }).click()
  await expect(unlink).toHaveCount(0)
  const again = await stranger(browser)
  await signInAtProvider(again)
  await expectRefusal(again)
})

test("nobody signs up without an invitation, and a token that the provider did not sign is refused", async ({ browser }) => {
  for (const [identity, options] of [
    [{ sub: "new", email: "new@example.com", name: "New" }, {}],
    [ann, { forged: true }],
  ] as const) {
    provider.signedIn(identity, options)
    const page = await stranger(browser)
    await signInAtProvider(page)
    await expectRefusal(page)
  }
})
