import type { Id } from "#lib/kernel/ids.ts"

/** Credit that was given at once and may end: promotional credit, or a plan's allowance for one period. Named by its account. */
export const lotKinds = ["walletPromotional", "planAllowance"] as const
export type LotKind = (typeof lotKinds)[number]

/** A lot as far as its use is concerned. `endsAtMs`: when it ended or is going to (epoch milliseconds); null: never. */
export type Lot = { readonly id: Id<"lot">; readonly kind: LotKind; readonly remainingNanoUsd: bigint; readonly endsAtMs: number | null }

/** What one call is charged of the wallet. */
export type WalletCharge = { readonly admittedAtMs: number; readonly amountNanoUsd: bigint }

export type Draw = { readonly lotId: Id<"lot">; readonly kind: LotKind; readonly amountNanoUsd: bigint }

/** How a wallet's charges are paid: from which lots, and how much from paid credit. */
export type Payment = { readonly draws: readonly Draw[]; readonly paidNanoUsd: bigint }

/** Oldest-expiring first over both kinds, an allowance before promotional credit where the moment is the same, lots that never end last. */
export function byOrderOfUse(a: Lot, b: Lot): number {
  const [endOfA, endOfB] = [a.endsAtMs ?? Number.POSITIVE_INFINITY, b.endsAtMs ?? Number.POSITIVE_INFINITY]
  if (endOfA !== endOfB) return endOfA < endOfB ? -1 : 1
  if (a.kind !== b.kind) return a.kind === "planAllowance" ? -1 : 1
  return a.id < b.id ? -1 : 1
}

/**
 * Pays calls: each from the lots that had not ended when it was admitted, then from paid credit. What has ended already pays last, where
 * nothing else is left: that much was leased when it ended, and a lease may be spent. What nothing covers is owed by paid credit.
 */
export function payFromLots(lots: readonly Lot[], charges: readonly WalletCharge[], paidBalanceNanoUsd: bigint): Payment {
  const ordered = lots.toSorted(byOrderOfUse)
  const left = new Map(ordered.map((lot) => [lot.id, lot.remainingNanoUsd]))
  const take = (amount: bigint, usable: (lot: Lot) => boolean): bigint => {
    let rest = amount
    for (const lot of ordered) {
      if (rest === 0n) break
      if (!usable(lot)) continue
      const has = left.get(lot.id) ?? 0n
      const taken = has < rest ? has : rest
      left.set(lot.id, has - taken)
      rest -= taken
    }
    return rest
  }
  let unpaid = 0n
  for (const { admittedAtMs, amountNanoUsd } of charges.toSorted((a, b) => a.admittedAtMs - b.admittedAtMs)) {
    unpaid += take(amountNanoUsd, (lot) => lot.endsAtMs === null || lot.endsAtMs > admittedAtMs)
  }
  const beyondPaid = unpaid - largest(paidBalanceNanoUsd, 0n)
  const owed = beyondPaid > 0n ? take(beyondPaid, () => true) : 0n
  const paidNanoUsd = beyondPaid > 0n ? unpaid - beyondPaid + owed : unpaid
  const draws = ordered.map((lot) => ({ lotId: lot.id, kind: lot.kind, amountNanoUsd: lot.remainingNanoUsd - (left.get(lot.id) ?? 0n) }))
  return { draws: draws.filter((draw) => draw.amountNanoUsd > 0n), paidNanoUsd }
}

const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
