/** Builds the pages (`next build`) for production, with the Node that runs this. */
import { spawnSync } from "node:child_process"

const { status } = spawnSync(process.execPath, ["node_modules/next/dist/bin/next", "build", ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
})
process.exit(status ?? 1)
