/** `npm run torture [-- --seed N --seconds N]`: the books under everything that can go wrong (scripts/torture/run.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/torture/run.ts", { build: false, words: process.argv.slice(2) })
