import type { Page } from "@playwright/test"
import type { RunningServer } from "#e2e/fixtures/installation.ts"
import { expect } from "./fixtures.ts"

export const PASSWORD = "a long password for the browser tests"

/** Opens the printed set-up link and makes Ann the first operator and the owner of Acme; ends on the operator's channels. */
export async function setUp(page: Page, server: RunningServer): Promise<void> {
  const [, link] = await server.printed(/(http:\/\/\S+\/setup\?token=\S+)/)
  await page.goto(link!)
  await page.getByLabel("Your organization").fill("Acme")
  await page.getByLabel("Your name").fill("Ann Operator")
  await page.getByLabel("E-mail").fill("ann@acme.example")
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Set up" }).click()
  await expect(page).toHaveURL(/\/operator\/channels/)
}
