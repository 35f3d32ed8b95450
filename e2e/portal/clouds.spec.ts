import { awsAccess, bedrockKey, type CloudSimulator, startCloudSimulator } from "#e2e/fixtures/clouds/cloud-simulator.ts"
import { expect, test } from "./fixtures.ts"
import { setUp } from "./flows.ts"

/** A cloud's channel, made by hand: its settings are asked for, its addresses shown, and saving makes a signed call. */
test.use({ fresh: "clouds" })

let clouds: CloudSimulator
test.beforeAll(async ({ simulator }) => {
  clouds = await startCloudSimulator(simulator)
})
test.afterAll(() => clouds.close())

const credential = JSON.stringify({ accessKeyId: awsAccess.accessKeyId, secretAccessKey: awsAccess.secretAccessKey, sessionToken: awsAccess.sessionToken })

test("Bedrock is added with a region and an access key, and tried before it is kept", async ({ page, server }) => {
  await setUp(page, server)
  await page.goto("/operator/channels/new")
  await page.getByLabel("Base URL").fill("https://bedrock-runtime.eu-west-1.amazonaws.com")
  await expect(page.getByLabel("Provider", { exact: true })).toContainText("Amazon Bedrock")
  await page.getByLabel("Base URL").fill(clouds.baseUrl("bedrock"))
  await page.getByLabel("Provider", { exact: true }).click()
  await page.getByRole("option", { name: "Amazon Bedrock" }).click()
  await page.getByLabel("Region").fill("eu-west-1")
  await page.getByLabel("Name", { exact: true }).fill("aws")
  await page.getByLabel("Add a model").fill("amazon.nova-pro-v1:0")
  await page.getByRole("button", { name: "Add", exact: true }).click()
  await expect(page.getByText(`${clouds.baseUrl("bedrock")}/model/amazon.nova-pro-v1:0/converse`)).toBeVisible()
  await page.getByRole("switch", { name: "Allow the private network" }).click()

  await test.step("half a credential is refused with what it needs", async () => {
    await page.getByLabel("Key", { exact: true }).fill('{"accessKeyId":"AKIA"}')
    await page.getByRole("button", { name: "Test and save" }).click()
    await expect(page.getByText("Enter a Bedrock API key, or the JSON of an access key")).toBeVisible()
  })
  await test.step("a wrong one is tried, and not kept", async () => {
    await page.getByLabel("Key", { exact: true }).fill(credential.replace("sim/aws", "not/aws"))
    await page.getByRole("button", { name: "Test and save" }).click()
    await expect(page.getByText("The test call did not succeed")).toBeVisible()
  })
  await test.step("the right one is", async () => {
    await page.getByLabel("Key", { exact: true }).fill(credential)
    await page.getByRole("button", { name: "Test and save" }).click()
    await expect(page.getByText("Channel added")).toBeVisible()
    await expect(page.getByText(`•••• ${awsAccess.accessKeyId.slice(-4)}`)).toBeVisible()
  })
  await test.step("a further key of the other kind is taken", async () => {
    await page.getByLabel("Add a key").fill(bedrockKey)
    await page.getByRole("button", { name: "Add a key" }).click()
    await expect(page.getByText("Key added")).toBeVisible()
  })
})
