import { defineConfig } from "prisma/config"

/** Only `prisma generate` reads this file: migrations run in the process itself (lib/adapters/migrations.ts). */
export default defineConfig({ schema: "prisma/schema" })
