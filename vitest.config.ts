import { defineConfig } from "vitest/config"

/** Hostile input, fuzzing, torture, tokenizers: half of the unit tests' time. `npm run test:fast` leaves them to `npm test`. */
const PATIENT = process.env["TURNPIKE_TEST_FAST"] === "1" ? ["**/hostile*.test.ts", "**/fuzz.test.ts", "**/request-codecs.test.ts", "**/schema.test.ts", "**/*torture.db.test.ts", "**/token-counter.test.ts"] : []

/**
 * `unit` needs nothing; `integration` (*.db.test.ts) gets a real PostgreSQL; `process` (*.process.test.ts) starts whole servers:
 * in test/ to see how they start and stop, in e2e/ (`gateway`) to call them;
 * `agents` (*.agent.test.ts, `npm run test:agents` alone) installs coding agents.
 * Tests stand beside what they test; those of several parts stand in test/. Files of the first two share their workers' modules, which
 * halves their time (measured: 78 s → 31 s and 25 s → 12 s on two cores): no test may leave module state or environment behind.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          isolate: false,
          // A property of three hundred schemas takes a second, and ten on a machine that is busy otherwise.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
          include: ["{lib,components,app,bin,scripts,test,e2e}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.db.test.ts", "**/*.process.test.ts", "**/*.agent.test.ts", "**/node_modules/**", ...PATIENT],
        },
      },
      {
        test: {
          name: "integration",
          isolate: false,
          maxWorkers: 2,
          // A run over several projects, as the mutants' is, has to say which goes first where their workers differ.
          sequence: { groupOrder: 1 },
          include: ["{lib,app,bin,test,e2e}/**/*.db.test.ts"],
          exclude: ["**/node_modules/**", ...PATIENT],
          globalSetup: ["test/postgres.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "process",
          sequence: { groupOrder: 2 },
          include: ["test/**/*.process.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "gateway",
          sequence: { groupOrder: 3 },
          include: ["e2e/**/*.process.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "agents",
          include: ["e2e/agents/**/*.agent.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
