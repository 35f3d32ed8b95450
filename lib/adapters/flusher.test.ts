import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, test } from "vitest"
import { dollarPrice, openLine, settleLine } from "#test/money.ts"
import { BATCH_MAX, FLUSH_MS, FLUSH_MS_MAX, type Flusher, HANDFUL, startFlusher } from "./flusher.ts"
import type { UsageEntry } from "./spool.ts"

const entry = (): UsageEntry => {
  const open = openLine({ organizationId: "org_a" })
  return { open, settle: settleLine({ requestId: open.requestId, chargedNanoUsd: 70n }), prices: [dollarPrice.cost] }
}
const entries = (count: number) => Array.from({ length: count }, entry)

const started: Flusher[] = []
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop()
})

/** A flusher over a spool of this many ended calls, which it has looked at once; `flushes` are the batches, with when they were booked. */
async function flushing(count: number) {
  let waiting = entries(count)
  const flushes: { readonly count: number; readonly afterMs: number }[] = []
  const since = performance.now()
  const spool = {
    unbooked: (max: number) => waiting.slice(0, max),
    booked: (booked: number) => void (waiting = waiting.slice(booked)),
    get figures() {
      return { bytes: 0, segments: 1, inFlight: 0, unbooked: waiting.length, failure: null }
    },
  }
  const book = (_: string, batch: readonly UsageEntry[]) => {
    flushes.push({ count: batch.length, afterMs: performance.now() - since })
    return Promise.resolve({ added: batch.length, uncoveredQuotas: [] })
  }
  started.push(startFlusher({ spool, quota: { flushed: () => {} }, book, processId: "proc_test", now: () => performance.now(), log: () => {} }))
  await sleep(1)
  return { flushes, end: (more: number) => void (waiting = [...waiting, ...entries(more)]) }
}

describe("when calls are booked", () => {
  test("a handful is booked with the next flush", async () => {
    const { flushes, end } = await flushing(0)
    end(HANDFUL)
    await expect.poll(() => flushes).toHaveLength(1)
    expect(flushes[0]?.afterMs).toBeLessThan(FLUSH_MS_MAX)
  })

  test("some wait for more, and go together when they are enough", async () => {
    const { flushes, end } = await flushing(0)
    end(HANDFUL + 1)
    await sleep(1.5 * FLUSH_MS)
    end(BATCH_MAX - HANDFUL - 1)
    await expect.poll(() => flushes).toHaveLength(1)
    expect(flushes[0]).toMatchObject({ count: BATCH_MAX })
    expect(flushes[0]?.afterMs).toBeLessThan(FLUSH_MS_MAX)
  })

  test("none waits longer than the bound", async () => {
    const { flushes, end } = await flushing(0)
    end(HANDFUL + 1)
    await expect.poll(() => flushes, { timeout: 3 * FLUSH_MS_MAX }).toHaveLength(1)
    expect(flushes[0]?.afterMs).toBeGreaterThan(FLUSH_MS_MAX - FLUSH_MS / 2)
  })

  test("where another batch is full already, it follows at once, and what is left waits like others", async () => {
    const { flushes } = await flushing(2 * BATCH_MAX + 1)
    await expect.poll(() => flushes.map(({ count }) => count)).toEqual([BATCH_MAX, BATCH_MAX, 1])
    expect((flushes[1]?.afterMs ?? Infinity) - (flushes[0]?.afterMs ?? 0)).toBeLessThan(FLUSH_MS)
  })

  test("a stop waits for nothing", async () => {
    const { flushes, end } = await flushing(0)
    end(HANDFUL + 1)
    expect(await started[0]?.stop()).toBe(true)
    expect(flushes[0]?.afterMs).toBeLessThan(FLUSH_MS)
  })
})
