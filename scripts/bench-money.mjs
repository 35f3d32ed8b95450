/** `npm run bench:money`: what limits, a second process and the books cost on this machine (scripts/bench/money.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/bench/money.ts", { build: true, words: process.argv.slice(2) })
