import type { Clock } from "#lib/kernel/clock.ts"
import { LEASE_IDLE_MS, LEASE_MARGIN_MS, LEASE_MS, YIELD_MS } from "./lease-rules.ts"
import type { LeaseStore, WindowKey } from "./lease-store.ts"
import { begin, end, freeOf, type LeaseWindow, type LeaseWindows, withdraw } from "./lease-window.ts"
import type { LiveHolds } from "./live-holds.ts"

/** What a process's workers do with its leases. */
export type LeaseUpkeep = {
  /** Gives idle leases back; call a few times per second. Resolves when the database has them. */
  returnIdle(): Promise<void>
  /**
   * Renews all deadlines and takes over what the database says about the amounts: so a question whose answer was lost leaks
   * nothing. Must not run beside a flush, `returnIdle` or `returnAll`.
   */
  renew(): Promise<void>
  /** Another process is short of these windows: gives back what no request needs of them. */
  surrender(windows: readonly WindowKey[]): Promise<void>
  /** Gives everything back that no request holds. For the orderly stop. */
  returnAll(): Promise<void>
}

export function createLeaseUpkeep(store: LeaseStore, clock: Clock, windows: LeaseWindows, holds: Pick<LiveHolds, "squeeze">): LeaseUpkeep {
  async function giveBack(candidates: readonly LeaseWindow[]): Promise<void> {
    const returning = candidates.filter((window) => freeOf(window) > 0n)
    if (returning.length === 0) return
    for (const window of returning) begin(window)
    try {
      await store.giveBack(returning.map(withdraw))
    } finally {
      for (const window of returning) end(window)
    }
  }

  return {
    async returnIdle() {
      const now = clock.monotonic()
      const idle = [...windows.all()].filter((window) => now - window.lastUsedAt >= LEASE_IDLE_MS && window.demand === 0n && window.operations === 0)
      for (const window of idle) if (window.amount === 0n && window.holds === 0) windows.drop(window)
      await giveBack(idle)
    },

    /** Also while more is asked for: streams that grow ask all the time, and not because they would be short. */
    async surrender(keys) {
      const recalled = keys.map(windows.find).filter((window) => window !== undefined).filter((window) => window.need === 0n)
      const now = clock.monotonic()
      for (const window of recalled) window.yieldingUntil = now + YIELD_MS
      holds.squeeze(recalled, now)
      await giveBack(recalled)
    },

    returnAll: () => giveBack([...windows.all()].filter((window) => window.operations === 0)),

    async renew() {
      const before = new Map([...windows.all()].map((window) => [window, window.version]))
      const validUntil = clock.monotonic() + LEASE_MS - LEASE_MARGIN_MS
      const amounts = await store.renew()
      const seen = new Set<LeaseWindow>()
      for (const { amount, ...key } of amounts) {
        const known = windows.find(key)
        const window = known ?? windows.adopt(key, clock.monotonic() - LEASE_IDLE_MS)
        seen.add(window)
        window.validUntil = validUntil
        if (known === undefined || isQuiet(window, before)) window.amount = amount
      }
      for (const window of before.keys()) if (!seen.has(window) && isQuiet(window, before)) window.amount = 0n
    },
  }
}

/** Whether nothing has touched the window's amount, here or in the database, since `before` was taken. */
const isQuiet = (window: LeaseWindow, before: ReadonlyMap<LeaseWindow, number>): boolean => window.operations === 0 && before.get(window) === window.version
