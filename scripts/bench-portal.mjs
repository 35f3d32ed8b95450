/** `npm run bench:portal`: how fast the portal answers over five million usage records (scripts/bench/portal.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/bench/portal.ts", { build: false, words: process.argv.slice(2) })
