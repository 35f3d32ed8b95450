import { type Bagged, createBag } from "#lib/kernel/bag.ts"
import type { Asked } from "./asked.ts"
import { SQUEEZE_EVERY_MS } from "./lease-rules.ts"
import type { LeaseWindow } from "./lease-window.ts"
import type { Amounts, Growing, Hold, HoldAmounts, HoldPart, QuotaDefinition, QuotaUnit } from "./types.ts"

/** A hold that lives says so itself: a map would have to be asked and changed for every call. */
const LIVE = Symbol("live")

/** A hold as its owner sees it, and as it is changed here alone. */
type OwnPart = { -readonly [K in keyof HoldPart]: HoldPart[K] }
type OwnHold = { readonly ok: true; readonly parts: OwnPart[]; readonly granted: { [U in QuotaUnit]?: bigint }; [LIVE]?: LiveHold | undefined }
type Asking = NonNullable<HoldAmounts[QuotaUnit]>

export type LiveHold = Bagged & { readonly hold: OwnHold; readonly windows: readonly LeaseWindow[]; readonly growing: Growing | null }

/** The holds of this process that are not settled yet. Each unit's amount is the same in all of a hold's parts. */
export type LiveHolds = {
  /** Reserves these amounts for a new request. */
  take(asked: readonly Asked[], granted: Hold["granted"], growing: Growing | null, now: number): Hold
  /** The same where each quota gives the worst case; `windows` in the order of `quotas`. */
  takeWorst(quotas: readonly QuotaDefinition[], windows: readonly LeaseWindow[], amounts: HoldAmounts, growing: Growing | null, now: number): Hold
  find(hold: Hold): LiveHold | undefined
  /** Reserves more for a request that runs. */
  enlarge(live: LiveHold, added: Amounts, now: number): void
  /** Cuts the holds that can grow again down to what they need at this moment, where they hold some of these windows. */
  squeeze(short: readonly LeaseWindow[], now: number): void
  /** Releases a hold; undefined where that was done before. */
  end(hold: Hold, now: number): LiveHold | undefined
}

/** Reserves an amount of a window. */
function partOf(quota: QuotaDefinition, window: LeaseWindow, amount: bigint, now: number): OwnPart {
  window.held += amount
  window.holds += 1
  window.lastUsedAt = now
  return { quota, windowStart: window.windowStart, amount }
}

export function createLiveHolds(): LiveHolds {
  const growers = createBag<LiveHold>()

  function change({ hold, windows }: LiveHold, amounts: Amounts): void {
    hold.parts.forEach((part, i) => {
      const amount = amounts[part.quota.unit]
      if (amount === undefined) return
      ;(windows[i] as LeaseWindow).held += amount - part.amount
      part.amount = amount
    })
    for (const unit of Object.keys(amounts) as QuotaUnit[]) if (hold.granted[unit] !== undefined) hold.granted[unit] = amounts[unit]
  }

  function begin(hold: OwnHold, windows: readonly LeaseWindow[], growing: Growing | null): Hold {
    const live = { hold, windows, growing, place: -1 }
    hold[LIVE] = live
    if (growing !== null) growers.add(live)
    return hold
  }

  /** What a replay would charge has to become less before another may have the difference. */
  function shrink(live: LiveHold, growing: Growing): void {
    const before = { ...live.hold.granted }
    const needed = growing.needed()
    const less: { [U in QuotaUnit]?: bigint } = {}
    for (const unit of Object.keys(needed) as QuotaUnit[]) {
      const [need, held] = [needed[unit], before[unit]]
      if (need !== undefined && held !== undefined && need < held) less[unit] = need
    }
    if (Object.keys(less).length === 0) return
    change(live, less)
    if (!growing.noted()) change(live, before)
  }

  return {
    take(asked, granted, growing, now) {
      const parts = asked.map(({ definition, window, worst }) => partOf(definition, window, granted[definition.unit] ?? worst, now))
      return begin({ ok: true, parts, granted: { ...granted } }, asked.map((one) => one.window), growing)
    },

    takeWorst(quotas, windows, amounts, growing, now) {
      const granted: OwnHold["granted"] = {}
      const parts: OwnPart[] = []
      for (let i = 0; i < quotas.length; i++) {
        const quota = quotas[i] as QuotaDefinition
        const worst = (amounts[quota.unit] as Asking).worst
        granted[quota.unit] = worst
        parts.push(partOf(quota, windows[i] as LeaseWindow, worst, now))
      }
      return begin({ ok: true, parts, granted }, windows, growing)
    },

    find: (hold: OwnHold) => hold[LIVE],

    enlarge(live, added, now) {
      const { granted } = live.hold
      change(live, Object.fromEntries(Object.entries(added).map(([unit, amount]) => [unit, (granted[unit as QuotaUnit] ?? 0n) + amount])))
      for (const window of live.windows) window.lastUsedAt = now
      live.growing?.noted()
    },

    squeeze(short, now) {
      const due = short.filter((window) => now - window.squeezedAt >= SQUEEZE_EVERY_MS)
      if (due.length === 0) return
      for (const window of due) window.squeezedAt = now
      for (const live of growers.all()) if (live.growing !== null && live.windows.some((window) => due.includes(window))) shrink(live, live.growing)
    },

    end(hold: OwnHold, now) {
      const live = hold[LIVE]
      if (live === undefined) return undefined
      hold[LIVE] = undefined
      growers.remove(live)
      const { parts } = live.hold
      for (let i = 0; i < parts.length; i++) {
        const window = live.windows[i] as LeaseWindow
        window.held -= (parts[i] as OwnPart).amount
        window.holds -= 1
        window.lastUsedAt = now
      }
      return live
    },
  }
}
