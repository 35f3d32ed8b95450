import { createHmac } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { startMailbox } from "#e2e/fixtures/mailbox.ts"
import { expect, test } from "./fixtures.ts"

/** A budget that is nearly used up is told of by mail and to a program whose secret is shown once. */
// The base URL would start the usual server too, which knows neither the mail server nor that private networks may be told.
test.use({ fresh: "alerts", baseURL: undefined })

const KEY = "sk-e2e-alerts-brought-from-elsewhere"
const PASSWORD = "a password of the e2e stage"

test("an owner sets a webhook, and the first call past 80 per cent is told of by mail and in a signed message", async ({ page, installation, simulator }) => {
  const mailbox = await startMailbox()
  const messages: { headers: NodeJS.Dict<string | string[]>; body: string }[] = []
  const receiver = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk)).on("end", () => {
      messages.push({ headers: request.headers, body })
      response.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve))
  const server = await installation.start({ environment: { SMTP_URL: mailbox.url, TURNPIKE_WEBHOOK_PRIVATE_NETWORK: "true" } })
  await installation.apply({
    version: 1,
    channels: [{ name: "paid", provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-credential-paid"], models: ["glm-5.3"], allowPrivateNetwork: true }],
    models: [{ name: "glm-5.3", cost: { input: "1.00", output: "3.00" } }],
    organizations: [{ name: "Acme", kind: "internal", budget: { amount: "0.001", period: "month" }, members: [{ email: "ann@example.com", role: "owner", password: PASSWORD }], keys: [{ name: "open", member: "ann@example.com", secret: KEY }] }],
  })
  await page.goto(`${server.origin}/sign-in?returnTo=/o/acme/settings`)
  await page.getByLabel("E-mail").first().fill("ann@example.com")
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await page.getByLabel("Webhook address").fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/turnpike`)
  await page.getByRole("button", { name: "Save and make a secret" }).click()
  const secret = await page.getByRole("dialog").getByLabel("Signing secret").inputValue()
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click()
  await expect(page.getByRole("button", { name: "Replace address and secret" })).toBeVisible()

  simulator.script("glm-5.3", { answer: { usage: { input: 100, output: 260 } } })
  await expect
    .poll(async () => (await page.request.post(`${server.origin}/api/v1/chat/completions`, { headers: { authorization: `Bearer ${KEY}` }, data: { model: "glm-5.3", max_tokens: 260, messages: [{ role: "user", content: "hi" }] } })).status())
    .toBe(200)
  await expect.poll(async () => (await installation.query<{ used: string }>("SELECT used FROM quota_window"))[0]?.used).toBe("880000")
  await expect.poll(() => messages.length, { timeout: 30_000 }).toBe(1)
  expect(await mailbox.next("ann@example.com")).toContain("80 % of the organization's budget at Acme is used: $0.00088 of $0.001")
  const [{ headers, body }] = messages as [(typeof messages)[number]]
  const signature = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`).digest("base64")
  expect(headers["webhook-signature"]).toBe(`v1,${signature}`)
  expect(JSON.parse(body)).toMatchObject({ type: "limit.reached", organization: { slug: "acme" }, limit: { scope: "organization", percent: 80, usedUsd: "0.00088" } })

  await page.getByRole("button", { name: "Remove", exact: true }).click()
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click()
  await expect(page.getByRole("button", { name: "Save and make a secret" })).toBeVisible()
  await Promise.all([mailbox.close(), new Promise((resolve) => receiver.close(resolve))])
})
