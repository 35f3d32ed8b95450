/** Writes docs/turnpike.schema.json from the schema by which turnpike.yaml is read: `node scripts/turnpike-schema.mjs`. A test compares them. */
import { writeFileSync } from "node:fs"
import { fileJsonSchema } from "../lib/features/apply/schema.ts"

writeFileSync("docs/turnpike.schema.json", `${JSON.stringify(fileJsonSchema(), null, 2)}\n`)
