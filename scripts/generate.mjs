/**
 * Writes the Prisma client into prisma/generated. The CLI would download a schema engine that `generate` never starts; pointing
 * it at any executable keeps it off the network.
 */
import { spawnSync } from "node:child_process"

const { status } = spawnSync(process.execPath, ["node_modules/prisma/build/index.js", "generate", "--no-hints"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" },
})
process.exit(status ?? 1)
