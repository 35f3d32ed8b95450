import { expect, test } from "./fixtures.ts"
import { setUp } from "./flows.ts"

test.use({ fresh: "ceiling" })

test("a model that no price is known of costs its channel's ceiling once the operator sets one, and nothing when it is taken away", async ({ page, server, installation }) => {
  await setUp(page, server)
  // As the form makes it, which would call the upstream first.
  await installation.query("INSERT INTO channel (id, name, provider_id, endpoints, resale) VALUES ('chan_own', 'own', 'openai-compatible', '{}', true)")
  await installation.query("INSERT INTO channel_model (id, channel_id, name, upstream) VALUES ('cmod_own', 'chan_own', 'unheard-of', 'unheard-of')")
  await page.goto("/operator/channels/chan_own")
  await expect(page.getByText("No price: calls are refused")).toBeVisible()
  await page.getByRole("button", { name: "Set a ceiling" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("Input", { exact: true }).fill("5")
  await dialog.getByLabel("Output", { exact: true }).fill("25")
  await dialog.getByRole("button", { name: "Set price" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText("$5.00 / $25.00")).toBeVisible()
  await page.goto("/operator/models/unheard-of")
  await expect(page.getByText("Ceiling of the channel")).toBeVisible()

  await page.goto("/operator/channels/chan_own")
  await page.getByRole("button", { name: "Set a ceiling" }).click()
  await dialog.getByRole("radio", { name: /are refused/ }).click()
  await dialog.getByRole("button", { name: "Set price" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText("No price: calls are refused")).toBeVisible()
})
