import type { Clock } from "#lib/kernel/clock.ts"
import { type Asked, askedOf, largest, refusal, smallest, spendable, worstAmounts } from "./asked.ts"
import { createLeaseGrowth, isRecallable } from "./lease-growth.ts"
import { GROWTHS_PER_REQUEST_MAX } from "./lease-rules.ts"
import type { LeaseStore } from "./lease-store.ts"
import { createLeaseUpkeep, type LeaseUpkeep } from "./lease-upkeep.ts"
import { createLeaseWindows, freeOf, grantable, type LeaseWindow } from "./lease-window.ts"
import type { Hold, HoldAmounts, HoldPart, QuotaPort, QuotaUnit, Refusal, SettledPart, Settlement } from "./types.ts"

/** The leases of one process, with what its workers call. */
export type Leases = QuotaPort & LeaseUpkeep

/**
 * Leases in memory. Invariant: for every window, held + settled ≤ amount, and amount ≤ what the database has leased to this
 * process; the database keeps used + leased ≤ limit. So no number of processes passes a limit.
 */
export function createLeases(store: LeaseStore, clock: Clock): Leases {
  const windows = createLeaseWindows()
  const growth = createLeaseGrowth(store, clock, windows)
  const live = new Map<Hold, readonly LeaseWindow[]>()

  function take(asked: readonly Asked[], granted: Hold["granted"], now: number): Hold {
    const parts: HoldPart[] = []
    for (const { definition, window, worst } of asked) {
      const amount = granted[definition.unit] ?? worst
      window.held += amount
      window.holds += 1
      window.lastUsedAt = now
      parts.push({ quota: definition, windowStart: window.windowStart, amount })
    }
    const hold: Hold = { ok: true, parts, granted }
    live.set(hold, asked.map((one) => one.window))
    return hold
  }

  function takeWorst(asked: readonly Asked[], amounts: HoldAmounts, now: number): Hold | null {
    for (const one of asked) if (spendable(one, now) < one.worst) return null
    return take(asked, worstAmounts(asked, amounts), now)
  }

  /** Where the worst case cannot be had: each unit gets the least of its quotas' fair shares, if that is worth starting with. */
  function takeShare(asked: readonly Asked[], now: number): Hold | Asked {
    const granted: { [U in QuotaUnit]?: bigint } = {}
    for (const one of asked) {
      const free = spendable(one, now)
      if (free < one.minimum) return one
      const share = largest(one.minimum, free / BigInt(2 + one.window.holds))
      const amount = free >= one.worst ? one.worst : smallest(one.worst, share)
      granted[one.definition.unit] = smallest(granted[one.definition.unit] ?? amount, amount)
    }
    return take(asked, granted, now)
  }

  async function acquire(asked: readonly Asked[], amounts: HoldAmounts): Promise<Hold | Refusal> {
    let arrived = growth.number()
    let recalled = false
    for (const one of asked) one.window.demand += one.worst
    try {
      for (let growths = 0; ; ) {
        const now = clock.monotonic()
        const hold = takeWorst(asked, amounts, now)
        if (hold !== null) return hold
        const short = asked.filter((one) => spendable(one, now) < one.worst)
        const elsewhere = short.map((one) => one.window).filter((window) => window.answered > arrived && isRecallable(window, now))
        if (!recalled && elsewhere.length > 0) {
          await growth.recall(elsewhere, now)
          recalled = true
          arrived = growth.number()
          continue
        }
        const hopeless = short.find((one) => one.window.answered > arrived && spendable(one, now) + grantable(one.window) < one.minimum)
        if (hopeless !== undefined) return refusal(hopeless)
        const open = short.filter((one) => one.window.answered <= arrived || (grantable(one.window) > 0n && !one.window.failed))
        if (open.length === 0 || growths === GROWTHS_PER_REQUEST_MAX) {
          const shared = takeShare(asked, now)
          return "ok" in shared ? shared : refusal(shared)
        }
        const pending = open.map((one) => one.window.growing).filter((growing) => growing !== null)
        if (pending.length > 0) await Promise.all(pending)
        else {
          growths += 1
          await growth.grow(open)
        }
      }
    } finally {
      for (const one of asked) one.window.demand -= one.worst
    }
  }

  return {
    ...createLeaseUpkeep(store, clock, windows),

    hold(quotas, amounts, admittedAtMs) {
      const now = clock.monotonic()
      const asked = askedOf(quotas, windows.at(quotas, admittedAtMs, now), amounts)
      return takeWorst(asked, amounts, now) ?? acquire(asked, amounts)
    },

    settle(hold, used): Settlement {
      const held = live.get(hold)
      if (held === undefined) return { parts: [], covered: {} }
      live.delete(hold)
      const now = clock.monotonic()
      const covered: { [U in QuotaUnit]?: bigint } = { ...used }
      hold.parts.forEach((part, i) => {
        const window = held[i] as LeaseWindow
        window.held -= part.amount
        window.holds -= 1
        window.lastUsedAt = now
        covered[part.quota.unit] = smallest(covered[part.quota.unit] ?? 0n, largest(freeOf(window), 0n))
      })
      const parts: SettledPart[] = []
      hold.parts.forEach((part, i) => {
        const amount = part.quota.unit === "concurrent" ? 0n : (covered[part.quota.unit] ?? 0n)
        if (amount === 0n) return
        ;(held[i] as LeaseWindow).settled += amount
        parts.push({ quotaId: part.quota.id, windowStart: part.windowStart, used: amount })
      })
      return { parts, covered }
    },

    flushed(parts) {
      for (const part of parts) {
        const window = windows.find(part)
        if (window === undefined) continue
        window.amount -= part.used
        window.settled -= part.used
        window.version += 1
      }
    },
  }
}
