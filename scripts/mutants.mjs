/** `npm run mutants [-- GROUP…]`: plants each fault of test/mutants and expects a test to notice (scripts/mutants/run.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/mutants/run.ts", { build: false, words: process.argv.slice(2) })
