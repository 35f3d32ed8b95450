import type { Id } from "#lib/kernel/ids.ts"
import { type Account, houseAccount, organizationAccount } from "./accounts.ts"

/**
 * One line of a posting. Positive: the account has more. What the house owes (wallets, providers) and earns is positive, what it
 * owns (clearing) and spends (provider cost, promotion, absorbed) negative; a posting's lines sum to zero.
 */
export type PostingLine = { readonly account: Account; readonly amountNanoUsd: bigint }

export type UsageSums = {
  readonly organizationId: Id<"organization">
  /** Charged against the wallet. */
  readonly walletNanoUsd: bigint
  /** Charged without a wallet. */
  readonly unbilledNanoUsd: bigint
  /** Used, but beyond what any quota could cover. */
  readonly absorbedNanoUsd: bigint
  /** What the providers will ask for. */
  readonly costNanoUsd: bigint
}

/**
 * What an organization's usage of one flush does to the books. Promotional credit is used before paid; revenue is what was used at the
 * sell price, and what no quota could cover stands against it in `absorbed`.
 */
export function usagePosting(sums: UsageSums, promotionalBalanceNanoUsd: bigint): readonly PostingLine[] {
  const { organizationId, walletNanoUsd, unbilledNanoUsd, absorbedNanoUsd, costNanoUsd } = sums
  const promotional = smallest(walletNanoUsd, largest(promotionalBalanceNanoUsd, 0n))
  return withoutZeros([
    { account: organizationAccount(organizationId, "walletPromotional"), amountNanoUsd: -promotional },
    { account: organizationAccount(organizationId, "walletPaid"), amountNanoUsd: promotional - walletNanoUsd },
    { account: organizationAccount(organizationId, "unbilled"), amountNanoUsd: -unbilledNanoUsd },
    { account: houseAccount("absorbed"), amountNanoUsd: -absorbedNanoUsd },
    { account: houseAccount("revenue"), amountNanoUsd: walletNanoUsd + unbilledNanoUsd + absorbedNanoUsd },
    { account: houseAccount("providerCost"), amountNanoUsd: -costNanoUsd },
    { account: houseAccount("accruedProviderCost"), amountNanoUsd: costNanoUsd },
  ])
}

export type CreditKind = "paid" | "promotional"

/** Money that comes in (paid: it waits in clearing for its payment) or that the house gives away (promotional). */
export function creditPosting(organizationId: Id<"organization">, kind: CreditKind, amountNanoUsd: bigint): readonly PostingLine[] {
  const account = organizationAccount(organizationId, kind === "paid" ? "walletPaid" : "walletPromotional")
  const source = houseAccount(kind === "paid" ? "clearing" : "promotion")
  return withoutZeros([
    { account, amountNanoUsd },
    { account: source, amountNanoUsd: -amountNanoUsd },
  ])
}

const withoutZeros = (lines: readonly PostingLine[]) => lines.filter((line) => line.amountNanoUsd !== 0n)
const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
