import type { Clock } from "#lib/kernel/clock.ts"
import { type Asked, askedBeyond, askedOf, fairAmount, largest, refusal, smallest, spendable } from "./asked.ts"
import { createLeaseGrowth, isRecallable } from "./lease-growth.ts"
import { GROWTHS_PER_REQUEST_MAX, RECALLS_PER_REQUEST_MAX } from "./lease-rules.ts"
import type { LeaseStore } from "./lease-store.ts"
import { createLeaseUpkeep, type LeaseUpkeep } from "./lease-upkeep.ts"
import { createLeaseWindows, freeOf, grantable, type LeaseWindow } from "./lease-window.ts"
import { createLiveHolds } from "./live-holds.ts"
import type { Amounts, Growing, Hold, HoldAmounts, HoldPart, QuotaDefinition, QuotaPort, QuotaUnit, Refusal, SettledPart, Settlement } from "./types.ts"

/** The leases of one process, with what its workers call. */
export type Leases = QuotaPort & LeaseUpkeep

/** How a request asks. `growing`: it can ask again, so a share will do at once. `urgent`: it runs already. */
type Manner = { readonly growing: boolean; readonly urgent: boolean }

const WHOLE: Manner = { growing: false, urgent: false }
const GROWING: Manner = { growing: true, urgent: false }
const EXTENDING: Manner = { growing: true, urgent: true }
const COVERING: Manner = { growing: false, urgent: true }

/** One request's question to its quotas, and what is done with the answer. */
type Question<T> = { readonly asked: readonly Asked[]; readonly manner: Manner; readonly take: (granted: Amounts, now: number) => T }

/** What a request is to get now; where another process is short, no more than it needs. */
const dueAmount = (one: Asked, free: bigint, { growing }: Manner, now: number): bigint => (growing && one.window.yieldingUntil > now ? one.minimum : fairAmount(one, free))

/** Whether memory does not give what is due. Where a share is less than the worst case, what is available has to be known for certain first. */
const isShort = (one: Asked, free: bigint, due: bigint, { growing }: Manner): boolean => free < due || (due < one.worst && !growing)

/** Whether the database may still give what memory lacks. */
const isGrantable = (one: Asked, free: bigint, manner: Manner, now: number): boolean => grantable(one.window) > 0n && free < dueAmount(one, free, manner, now)

/**
 * Leases in memory. Invariant: for every window, held + settled ≤ amount, and amount ≤ what the database has leased to this
 * process; the database keeps used + leased ≤ limit. So no number of processes passes a limit.
 */
export function createLeases(store: LeaseStore, clock: Clock): Leases {
  const windows = createLeaseWindows()
  const growth = createLeaseGrowth(store, clock, windows)
  const holds = createLiveHolds()

  /** From memory alone: what each quota is to give, if all have it. A request that cannot grow takes less than its worst case only when nothing more is to be had. */
  function takeAtOnce<T>({ asked, manner, take }: Question<T>, now: number): T | null {
    const granted: { [U in QuotaUnit]?: bigint } = {}
    for (const one of asked) {
      const free = spendable(one, now)
      const amount = dueAmount(one, free, manner, now)
      if (isShort(one, free, amount, manner)) return null
      granted[one.definition.unit] = smallest(granted[one.definition.unit] ?? amount, amount)
    }
    return take(granted, now)
  }

  /** Nothing more is to be had: each unit gets the least that its quotas give, if that is worth it. Otherwise the quota that is short. */
  function takeLess<T>({ asked, manner, take }: Question<T>, now: number): T | Refusal {
    const short = asked.filter((one) => spendable(one, now) < (one.fair ? one.minimum : one.worst))
    if (short.length > 0) holds.squeeze(short.map((one) => one.window), now)
    const lacking = asked.filter((one) => spendable(one, now) < one.minimum)
    const [lack] = lacking
    // What is leased for all or for none may be missing although its quota has it: the one that is short itself is named.
    if (lack !== undefined) return refusal(lacking.find((one) => spendable(one, now) + grantable(one.window) < one.minimum) ?? lack)
    const granted: { [U in QuotaUnit]?: bigint } = {}
    for (const one of asked) {
      const free = spendable(one, now)
      const amount = smallest(dueAmount(one, free, manner, now), free)
      granted[one.definition.unit] = smallest(granted[one.definition.unit] ?? amount, amount)
    }
    return take(granted, now)
  }

  async function acquire<T>(question: Question<T>): Promise<T | Refusal> {
    const { asked, manner } = question
    let arrived = growth.number()
    let recalls = 0
    for (const { window, worst, minimum } of asked) {
      window.demand += worst
      window.need += minimum
    }
    try {
      for (let growths = 0; ; ) {
        const now = clock.monotonic()
        const taken = takeAtOnce(question, now)
        if (taken !== null) return taken
        const short = asked.filter((one) => isShort(one, spendable(one, now), dueAmount(one, spendable(one, now), manner, now), manner))
        const needy = manner.growing ? short.filter((one) => spendable(one, now) < one.minimum) : short
        const elsewhere = needy.filter((one) => one.window.answered > arrived && isRecallable(one.window, now, manner.urgent || spendable(one, now) < one.minimum))
        if (elsewhere.length > 0 && recalls < RECALLS_PER_REQUEST_MAX) {
          await growth.recall(elsewhere.map((one) => one.window), recalls, now)
          recalls += 1
          arrived = growth.number()
          continue
        }
        const hopeless = short.some((one) => one.window.answered > arrived && spendable(one, now) + grantable(one.window) < one.minimum)
        const open = short.filter((one) => one.window.answered <= arrived || (isGrantable(one, spendable(one, now), manner, now) && !one.window.failed))
        if (hopeless || open.length === 0 || growths === GROWTHS_PER_REQUEST_MAX) {
          if (recalls === RECALLS_PER_REQUEST_MAX) for (const one of elsewhere) one.window.barrenAt = now
          return takeLess(question, now)
        }
        const pending = open.map((one) => one.window.growing).filter((growing) => growing !== null)
        if (pending.length > 0) await Promise.all(pending)
        else {
          growths += 1
          await growth.grow(open)
        }
      }
    } finally {
      for (const { window, worst, minimum } of asked) {
        window.demand -= worst
        window.need -= minimum
      }
    }
  }

  /**
   * The common case, without an object for each quota: from every window there is so much to be had that everybody who shares it could
   * have the worst case, so that is taken. Null: it has to be looked at more closely.
   */
  function takeWorst(quotas: readonly QuotaDefinition[], inWindows: readonly LeaseWindow[], amounts: HoldAmounts, growing: Growing | null, now: number): Hold | null {
    for (let i = 0; i < quotas.length; i++) {
      const quota = quotas[i] as QuotaDefinition
      const window = inWindows[i] as LeaseWindow
      const amount = amounts[quota.unit]
      if (amount === undefined || window.validUntil <= now || window.definitionLimit !== quota.limit || window.yieldingUntil > now) return null
      if (amount.worst * BigInt(2 + window.holds) > freeOf(window)) return null
    }
    return holds.takeWorst(quotas, inWindows, amounts, growing, now)
  }

  return {
    ...createLeaseUpkeep(store, clock, windows, holds),

    hold(quotas, amounts, admittedAtMs, growing) {
      const now = clock.monotonic()
      const inWindows = windows.at(quotas, admittedAtMs, now)
      const taken = takeWorst(quotas, inWindows, amounts, growing ?? null, now)
      if (taken !== null) return taken
      const asked = askedOf(quotas, inWindows, amounts)
      const question = { asked, manner: growing === undefined ? WHOLE : GROWING, take: (granted: Amounts, at: number) => holds.take(asked, granted, growing ?? null, at) }
      return takeAtOnce(question, now) ?? acquire(question)
    },

    extend(hold, amounts) {
      const live = holds.find(hold)
      if (live === undefined) return null
      const asked = askedBeyond(hold, live.windows, amounts, true)
      const take = (added: Amounts, at: number): true => {
        if (holds.find(hold) === live) holds.enlarge(live, added, at)
        return true
      }
      const question = { asked, manner: EXTENDING, take }
      return takeAtOnce(question, clock.monotonic()) === null ? acquire(question).then((answer) => (answer === true ? null : answer)) : null
    },

    cover(hold, used) {
      const live = holds.find(hold)
      if (live === undefined) return
      const amounts = Object.fromEntries(Object.entries(used).map(([unit, worst]) => [unit, { worst, minimum: 0n }]))
      const asked = askedBeyond(hold, live.windows, amounts, false).filter((one) => one.worst > 0n)
      const take = (added: Amounts, at: number) => holds.find(hold) === live && holds.enlarge(live, added, at)
      const question = { asked, manner: COVERING, take }
      return takeAtOnce(question, clock.monotonic()) === null ? acquire(question).then(() => {}) : undefined
    },

    settle(hold, used): Settlement {
      const live = holds.end(hold, clock.monotonic())
      if (live === undefined) return { parts: [], covered: {} }
      const covered: { [U in QuotaUnit]?: bigint } = { ...used }
      for (let i = 0; i < live.windows.length; i++) {
        const { unit } = (hold.parts[i] as HoldPart).quota
        covered[unit] = smallest(covered[unit] ?? 0n, largest(freeOf(live.windows[i] as LeaseWindow), 0n))
      }
      const parts: SettledPart[] = []
      for (let i = 0; i < live.windows.length; i++) {
        const { quota, windowStart } = hold.parts[i] as HoldPart
        const amount = quota.unit === "concurrent" ? 0n : (covered[quota.unit] ?? 0n)
        if (amount === 0n) continue
        ;(live.windows[i] as LeaseWindow).settled += amount
        parts.push({ quotaId: quota.id, windowStart, used: amount })
      }
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
