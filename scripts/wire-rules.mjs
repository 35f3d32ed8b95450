/** `npm run wire-rules`: each rule of docs/wire-rules.md with its tests and its mutant; exits 1 on a gap (scripts/wire-rules/run.ts). Works on a bare clone. */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/wire-rules/run.ts", { build: false, words: process.argv.slice(2) })
