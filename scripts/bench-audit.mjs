/** `npm run bench:audit`: how long the audit of a million usage records takes on this machine (scripts/bench/audit.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/bench/audit.ts", { build: false, words: process.argv.slice(2) })
