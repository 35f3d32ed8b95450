import { expect, test as base } from "@playwright/test"
import { createInstallation, type Installation, type RunningServer } from "#e2e/fixtures/installation.ts"
import { type ProviderSimulator, startProviderSimulator } from "#e2e/fixtures/provider-simulator.ts"

/** What a browser test finds running. `installation` is fresh in every worker, and a file that calls `test.use({ fresh: … })` gets its own. */
type Running = {
  readonly simulator: ProviderSimulator
  readonly installation: Installation
  /** A server on the fast mount; `page.goto("/…")` goes there. */
  readonly server: RunningServer
}

const START_MS_MAX = 90_000

export const test = base.extend<object, Running & { readonly fresh: string }>({
  /** Playwright starts a new worker where a worker option changes, and so a new installation. */
  fresh: ["shared", { option: true, scope: "worker" }],
  simulator: [
    async ({}, use) => {
      const simulator = await startProviderSimulator()
      await use(simulator)
      await simulator.close()
    },
    { scope: "worker" },
  ],
  installation: [
    async ({ fresh: _fresh }, use) => {
      const installation = await createInstallation()
      await use(installation)
      await installation.stop()
    },
    { scope: "worker", timeout: START_MS_MAX },
  ],
  server: [
    async ({ installation }, use) => {
      await use(await installation.start())
    },
    { scope: "worker", timeout: START_MS_MAX },
  ],
  /** No page may ask for anything that its own content policy forbids. */
  page: async ({ page }, use) => {
    const forbidden: string[] = []
    page.on("console", (message) => void (/Content Security Policy/i.test(message.text()) && forbidden.push(`${page.url()}: ${message.text()}`)))
    await use(page)
    expect(forbidden).toEqual([])
  },
  baseURL: async ({ server }, use) => {
    await use(server.origin)
  },
})

export { expect }
