import type { Clock } from "#lib/kernel/clock.ts"
import type { LeaseAnswer, LeasedAmount, LeaseStore, WindowKey } from "./lease-store.ts"
import { createLeaseWindows, freeOf, grantable, isHeldElsewhere, type LeaseWindow } from "./lease-window.ts"
import type { Hold, HoldAmounts, HoldPart, QuotaDefinition, QuotaPort, QuotaUnit, Refusal, SettledPart, Settlement } from "./types.ts"

export const LEASE_MS = 15 * 60_000
/** The owner stops spending this long before the database would call the lease expired. */
export const LEASE_MARGIN_MS = 5_000
/** A lease that was not touched for so long goes back to the others. */
export const LEASE_IDLE_MS = 2_000
/** Of what is available, a growth takes this part ahead of need, so that growths get rarer with the traffic … */
export const SLICE_DIVISOR = 8n
/** … and at most this much, so that one dead process does not fence a large wallet. $20. */
const SLICE_NANO_USD_MAX = 20_000_000_000n
/** … and any part of what is not money. Half of BIGINT's range, so that the sum with what is wanted stays in it. */
const SLICE_MAX = 2n ** 62n
/** How often a request asks again because others took what was granted for it. */
const GROWTHS_PER_REQUEST_MAX = 8

/** A window is recalled no more often than this: where the others need what they hold, asking again does not help. */
const RECALL_EVERY_MS = 500

/** The leases of one process, with what its workers call. */
export type Leases = QuotaPort & {
  /** Gives idle leases back; call a few times per second. Resolves when the database has them. */
  returnIdle(): Promise<void>
  /**
   * Renews all deadlines and takes over what the database says about the amounts: so a question whose answer was lost leaks
   * nothing. Must not run beside a flush, `returnIdle` or `returnAll`.
   */
  renew(): Promise<void>
  /** Another process is short of these windows: gives back what no request holds of them. */
  surrender(windows: readonly WindowKey[]): Promise<void>
  /** Gives everything back that no request holds. For the orderly stop. */
  returnAll(): Promise<void>
}

/** One quota of a request: what it asks of which window. */
type Asked = {
  readonly definition: QuotaDefinition
  readonly window: LeaseWindow
  readonly worst: bigint
  readonly minimum: bigint
}

/**
 * Leases in memory. Invariant: for every window, held + settled ≤ amount, and amount ≤ what the database has leased to this
 * process; the database keeps used + leased ≤ limit. So no number of processes passes a limit.
 */
export function createLeases(store: LeaseStore, clock: Clock): Leases {
  const windows = createLeaseWindows()
  const live = new Map<Hold, readonly LeaseWindow[]>()
  let questions = 0

  const spendable = (asked: Asked, now: number): bigint =>
    asked.window.validUntil > now && asked.window.definitionLimit === asked.definition.limit ? freeOf(asked.window) : 0n

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
    let arrived = ++questions
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
          await recall(elsewhere, now)
          recalled = true
          arrived = ++questions
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
          await grow(open)
        }
      }
    } finally {
      for (const one of asked) one.window.demand -= one.worst
    }
  }

  /** Before a call is refused or given less: what others hold of it and do not need comes back. Those who wait share one recall. */
  async function recall(short: readonly LeaseWindow[], now: number): Promise<void> {
    const fresh = short.filter((window) => window.recalling === null)
    if (fresh.length > 0) {
      const work = store.recall(fresh.map(({ quotaId, windowStart }) => ({ quotaId, windowStart }))).catch(() => {})
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

  /** Asks once for all these windows. Never rejects: a database that does not answer is noted in the windows. */
  async function grow(asked: readonly Asked[]): Promise<void> {
    const number = ++questions
    const work = (async () => {
      for (const { window } of asked) begin(window)
      const validUntil = clock.monotonic() + LEASE_MS - LEASE_MARGIN_MS
      try {
        await releaseChanged(asked)
        const answers = await store.grow(asked.map((one) => askOf(one, clock.monotonic())))
        applyAnswers(asked, answers, number, validUntil)
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

  /** A limit that somebody changed is asked for anew, with nothing in hand: otherwise a lowered budget would be spent at its old height. */
  async function releaseChanged(asked: readonly Asked[]): Promise<void> {
    const changed = asked.filter((one) => one.window.definitionLimit !== one.definition.limit)
    const amounts = changed.map(({ window }) => withdraw(window)).filter((one) => one.amount > 0n)
    if (amounts.length > 0) await store.giveBack(amounts)
    for (const { window, definition } of changed) window.definitionLimit = definition.limit
  }

  function askOf({ definition, window, worst, minimum }: Asked, now: number) {
    const free = window.validUntil > now ? freeOf(window) : 0n
    return {
      quotaId: window.quotaId,
      windowStart: window.windowStart,
      minimum: largest(minimum - free, 0n),
      wanted: largest(largest(window.demand, worst) - free, 0n),
      sliceMax: definition.unit === "nanoUsd" ? SLICE_NANO_USD_MAX : SLICE_MAX,
    }
  }

  function applyAnswers(asked: readonly Asked[], answers: readonly LeaseAnswer[], number: number, validUntil: number): void {
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

  return {
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

    async returnIdle() {
      const now = clock.monotonic()
      const idle = [...windows.all()].filter((window) => now - window.lastUsedAt >= LEASE_IDLE_MS && window.demand === 0n && window.operations === 0)
      for (const window of idle) if (window.amount === 0n && window.holds === 0) windows.drop(window)
      await giveBack(idle)
    },

    surrender: (keys) => giveBack(keys.map(windows.find).filter((window) => window !== undefined && window.demand === 0n) as readonly LeaseWindow[]),

    returnAll: () => giveBack([...windows.all()]),

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

  async function giveBack(candidates: readonly LeaseWindow[]): Promise<void> {
    const returning = candidates.filter((window) => window.operations === 0 && freeOf(window) > 0n)
    if (returning.length === 0) return
    for (const window of returning) begin(window)
    try {
      await store.giveBack(returning.map(withdraw))
    } finally {
      for (const window of returning) end(window)
    }
  }
}

const isRecallable = (window: LeaseWindow, now: number): boolean =>
  isHeldElsewhere(window) && (window.recalling !== null || now - window.recalledAt >= RECALL_EVERY_MS)

/** Takes what is free out of a window. It is not put back if the database does not answer: `renew` finds out what became of it. */
function withdraw(window: LeaseWindow): LeasedAmount {
  const amount = largest(freeOf(window), 0n)
  window.amount -= amount
  return { quotaId: window.quotaId, windowStart: window.windowStart, amount }
}

function begin(window: LeaseWindow): void {
  window.operations += 1
}

function end(window: LeaseWindow): void {
  window.operations -= 1
  window.version += 1
}

/** Whether nothing has touched the window's amount, here or in the database, since `before` was taken. */
const isQuiet = (window: LeaseWindow, before: ReadonlyMap<LeaseWindow, number>): boolean => window.operations === 0 && before.get(window) === window.version

function askedOf(quotas: readonly QuotaDefinition[], windows: readonly LeaseWindow[], amounts: HoldAmounts): readonly Asked[] {
  const asked: Asked[] = []
  for (let i = 0; i < quotas.length; i++) {
    const definition = quotas[i] as QuotaDefinition
    const amount = amounts[definition.unit]
    if (amount !== undefined) asked.push({ definition, window: windows[i] as LeaseWindow, worst: amount.worst, minimum: smallest(amount.minimum, amount.worst) })
  }
  return asked
}

function worstAmounts(asked: readonly Asked[], amounts: HoldAmounts): Hold["granted"] {
  const granted: { [U in QuotaUnit]?: bigint } = {}
  for (const { definition } of asked) granted[definition.unit] = amounts[definition.unit]?.worst ?? 0n
  return granted
}

function refusal({ definition, window, minimum }: Asked): Refusal {
  const { answer } = window
  return {
    ok: false,
    reason: window.failed ? "unavailable" : "exhausted",
    quota: answer === null ? definition : { ...definition, limit: answer.limit },
    used: (answer?.used ?? 0n) + window.settled,
    held: largest((answer?.leased ?? 0n) - window.settled, 0n),
    asked: minimum,
    resetsAt: window.endMs,
  }
}

const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
