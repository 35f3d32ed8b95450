import { defineConfig } from "vitest/config"

/**
 * `unit` needs nothing; `integration` (*.db.test.ts) gets a real PostgreSQL; `process` (*.process.test.ts) starts whole servers.
 * Tests stand beside what they test; those of several parts stand in test/.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{lib,components,app,bin,scripts,test,e2e}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.db.test.ts", "**/*.process.test.ts", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["{lib,app,bin,test,e2e}/**/*.db.test.ts"],
          globalSetup: ["test/postgres.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "process",
          include: ["{bin,test,e2e}/**/*.process.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
