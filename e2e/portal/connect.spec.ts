import { execFile } from "node:child_process"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import type { Locator, Page } from "@playwright/test"
import { type ClientId, clientIds, clients } from "#components/first-call/clients.ts"
import messages from "#messages/en.json" with { type: "json" }
import { expect, test } from "./fixtures.ts"
import { PASSWORD } from "./flows.ts"

/** What pages show is what works: it is taken from the page, run as it stands, and answered. */
test.use({ fresh: "connect" })

const RUN_MS_MAX = 30_000
const ANSWER = "Toll paid, the road is open."
const { prompt } = messages.connect
const models = ["glm-5.3", "other"]
/** Programs that this machine can run: Python's package is run by `npm run test:agents`, which fetches it. */
const programs = clientIds.filter((id) => clients[id].kind === "program" && id !== "openaiPython")

test("every client's snippets work as a page shows them, with a new key and with one from the environment", async ({ page, context, simulator, installation, server }) => {
  test.setTimeout(240_000)
  await context.grantPermissions(["clipboard-read", "clipboard-write"])
  await installation.apply({
    version: 1,
    channels: models.map((name) => ({ name, provider: "openai-compatible", baseUrl: simulator.baseUrl("compatible"), credentials: ["sim-connect"], models: [name], allowPrivateNetwork: true })),
    models: models.map((name) => ({ name, cost: { input: "1", output: "1" } })),
    organizations: [{ name: "Acme", kind: "internal", members: [{ email: "ann@example.com", role: "owner", password: PASSWORD }] }],
  })
  for (const model of models) simulator.script(model, { answer: { text: ANSWER } })

  const secret = await createKey(page)
  const dialog = page.getByRole("dialog")
  await test.step("the dialog of a new key", () => showsAll(dialog, { origin: server.origin, model: "glm-5.3", secret, prompt }))
  for (const id of programs) {
    await test.step(`${clients[id].name} with the new key`, async () => {
      const [code = ""] = await shownBy(dialog, id)
      expect(await run(id, code, {})).toContain(ANSWER)
      expect(simulator.exchanges.at(-1)).toMatchObject({ model: "glm-5.3", bodyText: expect.stringContaining(prompt) as unknown as string })
    })
  }
  await dialog.getByRole("button", { name: "Done" }).click()

  await page.getByRole("link", { name: "Connect" }).click()
  const main = page.getByRole("main")
  await main.getByRole("combobox", { name: "Model" }).click()
  await page.getByRole("option", { name: "other" }).click()
  await test.step("the page for connecting", () => showsAll(main, { origin: server.origin, model: "other", prompt }))
  for (const id of programs) {
    await test.step(`${clients[id].name} with a key from the environment`, async () => {
      await main.getByRole("tab", { name: clients[id].name, exact: true }).click()
      await main.getByRole("tabpanel").getByRole("button", { name: "Copy" }).click()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      expect(await run(id, copied, { TURNPIKE_KEY: secret })).toContain(ANSWER)
      expect(simulator.exchanges.at(-1)?.model).toBe("other")
    })
  }
})

/** Signs in and makes a key. */
async function createKey(page: Page): Promise<string> {
  await page.goto("/sign-in?returnTo=/o/acme/keys")
  await page.getByLabel("E-mail").first().fill("ann@example.com")
  await page.getByLabel("Password").fill(PASSWORD)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await page.getByRole("button", { name: "Create key" }).first().click()
  await page.getByLabel("Name", { exact: true }).fill("laptop")
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click()
  return page.getByLabel("Secret").inputValue()
}

/** The code that a client's tab shows, block by block. */
async function shownBy(place: Locator, id: ClientId): Promise<readonly string[]> {
  await place.getByRole("tab", { name: clients[id].name, exact: true }).click()
  return place.getByRole("tabpanel").locator("pre code").allTextContents()
}

/** The page shows what the tests of clients and agents run. */
async function showsAll(place: Locator, given: Parameters<(typeof clients)[ClientId]["snippets"]>[0]): Promise<void> {
  for (const id of clientIds) expect(await shownBy(place, id)).toEqual(clients[id].snippets(given).map(({ code }) => code))
}

/** Runs a snippet where the client's packages are installed, and gives what it printed. */
async function run(id: ClientId, code: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "turnpike-snippet-"))
  try {
    await symlink(resolve("e2e/clients/latest/node_modules"), join(folder, "node_modules"))
    const file = join(folder, id === "curl" ? "snippet.sh" : "snippet.mts")
    await writeFile(file, code)
    const { stdout } = await promisify(execFile)(id === "curl" ? "sh" : process.execPath, [file], { timeout: RUN_MS_MAX, env: { PATH: process.env["PATH"], NODE_ENV: "production", ...environment } })
    return stdout
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
