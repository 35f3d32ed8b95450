import type { Id } from "#lib/kernel/ids.ts"

/** Accounts that every organization has. `unbilled` takes the usage of organizations without a wallet. */
export const organizationAccounts = ["walletPaid", "walletPromotional", "planAllowance", "unbilled"] as const

/** The house's own accounts, one of each. */
export const houseAccounts = ["revenue", "providerCost", "accruedProviderCost", "clearing", "promotion", "absorbed", "fees", "tax", "refunds", "subscriptions"] as const

export type OrganizationAccount = (typeof organizationAccounts)[number]
export type HouseAccount = (typeof houseAccounts)[number]

export type Account = {
  readonly id: Id<"account">
  readonly kind: OrganizationAccount | HouseAccount
  /** Null: the house's. */
  readonly organizationId: Id<"organization"> | null
}

/** Accounts are named by what they are, so that nobody has to look one up, and two processes that open one open the same. */
export function organizationAccount(organizationId: Id<"organization">, kind: OrganizationAccount): Account {
  return { id: `acct_${kind}${organizationId.slice("org_".length)}`, kind, organizationId }
}

export function houseAccount(kind: HouseAccount): Account {
  return { id: `acct_house${kind[0]?.toUpperCase()}${kind.slice(1)}`, kind, organizationId: null }
}
