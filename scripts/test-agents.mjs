/** `npm run test:agents`: real coding agents finish a task over simulated channels, on loopback alone (e2e/agents). Installs the agents on demand. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("node_modules/vitest/vitest.mjs", { build: true, words: ["run", "--project", "agents", ...process.argv.slice(2)] })
