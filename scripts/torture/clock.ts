/*
 * Loaded with `--import` into every gateway process: it lives at another time than we do, which may pass faster, and its monotonic clock
 * can be made to jump, as that of a machine that slept. Only what the process reads is changed, not how long its timers take.
 */
const { TORTURE_CLOCK = "0,1,0" } = process.env
const [startMs = 0, rate = 1, realStartMs = 0] = TORTURE_CLOCK.split(",").map(Number)
const realNow = Date.now.bind(Date)
const realMonotonic = performance.now.bind(performance)
let jumpedMs = 0

Date.now = () => Math.floor(startMs + (realNow() - realStartMs) * rate)
performance.now = () => realMonotonic() + jumpedMs

process.on("message", (message: { readonly jumpMs?: number }) => {
  jumpedMs += message.jumpMs ?? 0
})
