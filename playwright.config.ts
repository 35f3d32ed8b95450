import { defineConfig } from "@playwright/test"
import { findChromium } from "./e2e/fixtures/chromium.ts"

/**
 * Browser tests: the machine's own Chromium, one after another (two cores), each file on a server of its own (e2e/portal/fixtures.ts).
 * Never retried: a test that passes the second time has found something.
 */
export default defineConfig({
  testDir: "e2e/portal",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  outputDir: "test-results",
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: findChromium() ?? "chromium", args: ["--no-sandbox"] },
    locale: "en-US",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
})
