import type { Id } from "#lib/kernel/ids.ts"
import { type Account, type HouseAccount, houseAccount, organizationAccount } from "./accounts.ts"
import type { LotKind, Payment, WalletCharge } from "./lots.ts"

/**
 * One line of a posting. Positive: the account has more. What the house owes (wallets, providers) and earns is positive, what it
 * owns (clearing) and spends (provider cost, promotion, absorbed) negative; a posting's lines sum to zero. A line of promotional credit or
 * of an allowance names its lot.
 */
export type PostingLine = { readonly account: Account; readonly amountNanoUsd: bigint; readonly lotId?: Id<"lot"> }

export type UsageSums = {
  readonly organizationId: Id<"organization">
  /** Charged against the wallet, by call. */
  readonly walletCharges: readonly WalletCharge[]
  /** Charged without a wallet. */
  readonly unbilledNanoUsd: bigint
  /** Used, but beyond what any quota could cover. */
  readonly absorbedNanoUsd: bigint
  /** What the providers will ask for. */
  readonly costNanoUsd: bigint
}

/**
 * What an organization's usage of one flush does to the books; `payment` says what pays its wallet's charges. Revenue is what was used at
 * the sell price, and what no quota could cover stands against it in `absorbed`.
 */
export function usagePosting(sums: UsageSums, payment: Payment): readonly PostingLine[] {
  const { organizationId, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd } = sums
  return withoutZeros([
    ...payment.draws.map(({ lotId, kind, amountNanoUsd }) => ({ account: organizationAccount(organizationId, kind), amountNanoUsd: -amountNanoUsd, lotId })),
    { account: organizationAccount(organizationId, "walletPaid"), amountNanoUsd: -payment.paidNanoUsd },
    { account: organizationAccount(organizationId, "unbilled"), amountNanoUsd: -unbilledNanoUsd },
    { account: houseAccount("absorbed"), amountNanoUsd: -absorbedNanoUsd },
    { account: houseAccount("revenue"), amountNanoUsd: walletNanoUsd(sums) + unbilledNanoUsd + absorbedNanoUsd },
    { account: houseAccount("providerCost"), amountNanoUsd: -costNanoUsd },
    { account: houseAccount("accruedProviderCost"), amountNanoUsd: costNanoUsd },
  ])
}

/** What the wallet is charged in all. */
export const walletNanoUsd = ({ walletCharges }: Pick<UsageSums, "walletCharges">): bigint => walletCharges.reduce((sum, charge) => sum + charge.amountNanoUsd, 0n)

/** What gives a lot, and gets back what ends unused: `subscriptions` is what plans give, against which their fees will stand. */
const sourceOfLots = { walletPromotional: "promotion", planAllowance: "subscriptions" } as const satisfies Record<LotKind, HouseAccount>

/** Money that comes in: it waits in clearing for its payment. Negative where it goes back, or was never there. */
export function paidPosting(organizationId: Id<"organization">, amountNanoUsd: bigint): readonly PostingLine[] {
  return withoutZeros([
    { account: organizationAccount(organizationId, "walletPaid"), amountNanoUsd },
    { account: houseAccount("clearing"), amountNanoUsd: -amountNanoUsd },
  ])
}

/** Credit that the house gives as a lot; negative: that it takes back. */
export function lotPosting(organizationId: Id<"organization">, lot: { readonly id: Id<"lot">; readonly kind: LotKind }, amountNanoUsd: bigint): readonly PostingLine[] {
  return withoutZeros([
    { account: organizationAccount(organizationId, lot.kind), amountNanoUsd, lotId: lot.id },
    { account: houseAccount(sourceOfLots[lot.kind]), amountNanoUsd: -amountNanoUsd },
  ])
}

/** A part of a lot becomes another one: the account has what it had. */
export function splitPosting(organizationId: Id<"organization">, kind: LotKind, from: Id<"lot">, to: Id<"lot">, amountNanoUsd: bigint): readonly PostingLine[] {
  const account = organizationAccount(organizationId, kind)
  return [
    { account, amountNanoUsd: -amountNanoUsd, lotId: from },
    { account, amountNanoUsd, lotId: to },
  ]
}

/** Where the money of a call goes back to: what paid for it. Not to a lot that may have ended: to a new one, which does not expire. */
export type RefundShares = { readonly unbilledNanoUsd: bigint; readonly paidNanoUsd: bigint; readonly lot: { readonly id: Id<"lot">; readonly amountNanoUsd: bigint } | null }

/** A call is given back: the revenue stands, and what it is worth no longer in `refunds`. */
export function refundPosting(organizationId: Id<"organization">, { unbilledNanoUsd, paidNanoUsd, lot }: RefundShares): readonly PostingLine[] {
  return withoutZeros([
    { account: organizationAccount(organizationId, "unbilled"), amountNanoUsd: unbilledNanoUsd },
    { account: organizationAccount(organizationId, "walletPaid"), amountNanoUsd: paidNanoUsd },
    ...(lot === null ? [] : [{ account: organizationAccount(organizationId, "walletPromotional"), amountNanoUsd: lot.amountNanoUsd, lotId: lot.id }]),
    { account: houseAccount("refunds"), amountNanoUsd: -(unbilledNanoUsd + paidNanoUsd + (lot?.amountNanoUsd ?? 0n)) },
  ])
}

const withoutZeros = (lines: readonly PostingLine[]) => lines.filter((line) => line.amountNanoUsd !== 0n)
