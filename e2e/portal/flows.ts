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

/** Adds a GLM coding plan by the URL of its endpoint, with the whole path of an operation behind it; ends on the channel's page. */
export async function addPlanChannel(page: Page, url: string, model: string): Promise<void> {
  await page.getByRole("link", { name: "Add a channel" }).first().click()
  await page.getByLabel("Provider", { exact: true }).click()
  await page.getByRole("option", { name: /GLM coding plan/i }).first().click()
  await page.getByLabel("Base URL").fill(url)
  // The exact address is shown as one types, with the suffix once.
  await expect(page.getByText(url, { exact: true })).toBeVisible()
  await page.getByLabel("Name", { exact: true }).fill("glm-coding")
  await page.getByLabel("Key", { exact: true }).fill("sim-glm-coding-plan")
  await page.getByLabel("Add a model").fill(model)
  await page.getByRole("button", { name: "Add", exact: true }).click()

  // The simulator is on loopback, which a channel may not reach by itself.
  await page.getByRole("button", { name: "Test and save" }).click()
  await expect(page.getByText("lies at an address that this channel may not reach")).toBeVisible()
  await page.getByRole("switch", { name: "Allow the private network" }).click()
  await page.getByRole("button", { name: "Test and save" }).click()
  await expect(page).toHaveURL(/\/operator\/channels\/chan_/)
  await expect(page.getByText("Working").first()).toBeVisible()
}
