/**
 * `npm test`: everything, on a bare clone with Node 20.10 and npm; `npm run test:fast` leaves out what needs a build or a browser,
 * and what takes its time by design. The last line is `N passed, N failed`, the exit code 1 on any failure.
 */
import { runPrepared } from "./prepare.mjs"

await runPrepared("scripts/test/run.ts", {
  build: false,
  words: process.argv.slice(2),
  onFailure: () => console.log("0 passed, 1 failed"),
})
