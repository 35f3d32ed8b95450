/** `npm run bench`: what Turnpike costs on this machine (scripts/bench/run.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/bench/run.ts", { build: true, words: process.argv.slice(2) })
