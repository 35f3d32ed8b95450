import { expect, test, vi } from "vitest"
import type { GatewayConfig } from "#lib/gateway/types.ts"
import { createConfigHolder } from "./gateway-config.ts"

const snapshot = (validUntilMs: number | null = null): GatewayConfig => ({ models: new Map(), terms: new Map(), validUntilMs })
const log = () => {}

test("there is no snapshot before the first one was read", async () => {
  const holder = createConfigHolder({ load: async () => snapshot(), now: () => 0, log })
  expect(holder.current()).toBeNull()
  await holder.refresh()
  expect(holder.current()).not.toBeNull()
})

test("a change during a reading is seen by one more reading, however many changes there were", async () => {
  const finish: (() => void)[] = []
  const load = vi.fn(() => new Promise<GatewayConfig>((resolve) => finish.push(() => resolve(snapshot()))))
  const holder = createConfigHolder({ load, now: () => 0, log })
  const first = holder.refresh()
  const later = [holder.refresh(), holder.refresh(), holder.refresh()]
  finish[0]?.()
  await first
  await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2))
  finish[1]?.()
  await Promise.all(later)
  expect(load).toHaveBeenCalledTimes(2)
})

test("when the next price becomes effective the snapshot is read anew, without any change", async () => {
  vi.useFakeTimers()
  try {
    let now = 1_000
    const fresh = snapshot()
    const load = vi.fn().mockResolvedValueOnce(snapshot(4_000)).mockResolvedValue(fresh)
    const holder = createConfigHolder({ load, now: () => now, log })
    await holder.refresh()
    now = 4_000
    await vi.advanceTimersByTimeAsync(3_000)
    expect(holder.current()).toBe(fresh)
  } finally {
    vi.useRealTimers()
  }
})

test("a reading that fails keeps the old snapshot, is logged, and is tried again", async () => {
  vi.useFakeTimers()
  try {
    const [old, fresh] = [snapshot(), snapshot()]
    const load = vi.fn().mockResolvedValueOnce(old).mockRejectedValueOnce(new Error("database away")).mockResolvedValue(fresh)
    const logged = vi.fn()
    const holder = createConfigHolder({ load, now: () => 0, log: logged })
    await holder.refresh()
    holder.invalidate()
    await vi.advanceTimersByTimeAsync(0)
    expect(holder.current()).toBe(old)
    expect(logged).toHaveBeenCalledWith("error", "config.unreadable", { detail: "database away" })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(holder.current()).toBe(fresh)
  } finally {
    vi.useRealTimers()
  }
})

test("nothing is read any more after a stop", async () => {
  vi.useFakeTimers()
  try {
    const load = vi.fn().mockResolvedValue(snapshot(10))
    const holder = createConfigHolder({ load, now: () => 0, log })
    await holder.refresh()
    holder.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(load).toHaveBeenCalledTimes(1)
  } finally {
    vi.useRealTimers()
  }
})
