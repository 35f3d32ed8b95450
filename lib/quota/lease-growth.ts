import type { Clock } from "#lib/kernel/clock.ts"
import { type Asked, largest } from "./asked.ts"
import { LEASE_MARGIN_MS, LEASE_MS, RECALL_EVERY_MS, SLICE_MAX, SLICE_NANO_USD_MAX } from "./lease-rules.ts"
import type { LeaseAnswer, LeaseAsk, LeaseStore } from "./lease-store.ts"
import { begin, end, freeOf, isHeldElsewhere, type LeaseWindow, type LeaseWindows, withdraw } from "./lease-window.ts"

/** How leases get larger: questions to the database and to the other processes. */
export type LeaseGrowth = {
  /** The number of a question that begins now: an answer with a greater one is newer. */
  number(): number
  /** Asks once for all these windows. Never rejects: a database that does not answer is noted in the windows. */
  grow(asked: readonly Asked[]): Promise<void>
  /** Before a call is refused or given less: what others hold of it and do not need comes back. Those who wait share one recall. */
  recall(short: readonly LeaseWindow[], time: number, now: number): Promise<void>
}

export function createLeaseGrowth(store: LeaseStore, clock: Clock, windows: LeaseWindows): LeaseGrowth {
  let questions = 0

  async function grow(asked: readonly Asked[]): Promise<void> {
    const number = ++questions
    const work = (async () => {
      for (const { window } of asked) begin(window)
      const validUntil = clock.monotonic() + LEASE_MS - LEASE_MARGIN_MS
      try {
        await releaseChanged(store, asked)
        const answers = await store.grow(asked.map((one) => askOf(one, clock.monotonic())))
        applyAnswers(windows, asked, answers, number, validUntil)
      } catch {
        for (const { window } of asked) {
          window.answered = number
          window.failed = true
        }
      } finally {
        for (const { window } of asked) end(window)
      }
    })()
    for (const { window } of asked) window.growing = work
    await work
    for (const { window } of asked) window.growing = null
  }

  async function recall(short: readonly LeaseWindow[], time: number, now: number): Promise<void> {
    const fresh = short.filter((window) => window.recalling === null)
    if (fresh.length > 0) {
      const work = store.recall(fresh.map(({ quotaId, windowStart }) => ({ quotaId, windowStart })), time).catch(() => {})
      for (const window of fresh) {
        window.recalledAt = now
        window.recalling = work
      }
      void work.then(() => {
        for (const window of fresh) window.recalling = null
      })
    }
    await Promise.all(short.map((window) => window.recalling))
  }

  return { number: () => ++questions, grow, recall }
}

/** Whether a recall may help: others hold some of it, and they were not asked a moment ago. `urgent`: somebody would be refused or cut otherwise; then only a moment in which they had nothing counts. */
export const isRecallable = (window: LeaseWindow, now: number, urgent: boolean): boolean =>
  isHeldElsewhere(window) && (window.recalling !== null || now - (urgent ? window.barrenAt : window.recalledAt) >= RECALL_EVERY_MS)

/** A limit that somebody changed is asked for anew, with nothing in hand: otherwise a lowered budget would be spent at its old height. */
async function releaseChanged(store: LeaseStore, asked: readonly Asked[]): Promise<void> {
  const changed = asked.filter((one) => one.window.definitionLimit !== one.definition.limit)
  const amounts = changed.map(({ window }) => withdraw(window)).filter((one) => one.amount > 0n)
  if (amounts.length > 0) await store.giveBack(amounts)
  for (const { window, definition } of changed) window.definitionLimit = definition.limit
}

function askOf({ definition, window, worst, minimum, fair }: Asked, now: number): LeaseAsk {
  const free = window.validUntil > now ? freeOf(window) : 0n
  const yielding = window.yieldingUntil > now
  return {
    quotaId: window.quotaId,
    windowStart: window.windowStart,
    minimum: largest(minimum - free, 0n),
    wanted: largest((yielding ? window.need : largest(window.demand, worst)) - free, 0n),
    fair,
    sliceMax: yielding ? 0n : definition.unit === "nanoUsd" ? SLICE_NANO_USD_MAX : SLICE_MAX,
  }
}

function applyAnswers(windows: LeaseWindows, asked: readonly Asked[], answers: readonly LeaseAnswer[], number: number, validUntil: number): void {
  for (const answer of answers) {
    const window = windows.find(answer)
    if (window === undefined) continue
    window.amount += answer.granted
    window.answer = answer
    if (answer.granted > 0n) window.validUntil = validUntil
  }
  for (const { window } of asked) {
    window.answered = number
    window.failed = false
  }
}
