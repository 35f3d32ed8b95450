import { EventEmitter } from "node:events"
import { expect, test } from "vitest"
import { listenForStop } from "./stop-signals.ts"

test("echoes of one Ctrl-C count as one; a later second one ends at once", async () => {
  const source = new EventEmitter()
  let nowMs = 0
  let seconds = 0
  const signals = listenForStop(() => nowMs, () => seconds++, source as unknown as NodeJS.Process)
  expect(signals.isStopped).toBe(false)
  source.emit("SIGINT")
  await signals.stopped
  expect(signals.isStopped).toBe(true)
  nowMs = 200
  source.emit("SIGINT")
  source.emit("SIGTERM")
  expect(seconds).toBe(0)
  nowMs = 3_000
  source.emit("SIGTERM")
  expect(seconds).toBe(1)
})
