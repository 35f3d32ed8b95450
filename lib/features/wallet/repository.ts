import type { Database, Transaction } from "#lib/adapters/database.ts"
import { addLot, isPosted, openWallet, post, type PostingStamp } from "#lib/features/lots/index.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { organizationAccount } from "#lib/ledger/accounts.ts"
import { paidPosting } from "#lib/ledger/postings.ts"
import { Prisma } from "#prisma/generated/client.ts"

type OrganizationId = Id<"organization">

export type CreditWrite = {
  /** What the wallet gains; negative where a file now gives less, which is paid credit then. */
  readonly amountNanoUsd: bigint
  /** Null: paid credit, which does not end. */
  readonly promotional: { readonly expiresAt: Date | null } | null
  readonly stamp: PostingStamp
}

export type WalletRow = {
  readonly hasWallet: boolean
  readonly timeZone: string
  readonly creditedNanoUsd: bigint
  readonly usedNanoUsd: bigint
  readonly heldNanoUsd: bigint
  readonly paidNanoUsd: bigint
  readonly promotionalNanoUsd: bigint
}

/** One line of a statement: a credit or an adjustment as it was posted, or the usage of one day. */
export type StatementRow = { readonly at: Date; readonly kind: "credit" | "usage" | "adjustment" | "refund" | "expiry"; readonly reason: string | null; readonly amountNanoUsd: bigint }

/** A month has at most 31 lines of usage; a page that shows more credits than this would be a list, not a statement. */
export const STATEMENT_ROWS_MAX = 1_000

const walletAccounts = (organizationId: OrganizationId) => (["walletPaid", "walletPromotional", "planAllowance"] as const).map((kind) => organizationAccount(organizationId, kind).id)

export function createWalletRepository(database: Database) {
  return {
    /**
     * Posts a credit and raises the wallet's limit by it, in one transaction. Returns the amount that stands in the books under this
     * idempotency key: another one than given where the key was used before.
     */
    systemCredit: (organizationId: OrganizationId, { amountNanoUsd, promotional, stamp }: CreditWrite, newId: NewId): Promise<bigint | null> =>
      database.system(async (transaction) => {
        const organization = await transaction.organization.findUnique({ where: { id: organizationId }, select: { id: true } })
        if (organization === null) return null
        const wallet = await openWallet(transaction, organizationId, stamp, newId)
        if (await isPosted(transaction, stamp.idempotencyKey)) return postedAmount(transaction, organizationId, { idempotencyKey: stamp.idempotencyKey })
        if (promotional === null) await post(transaction, wallet, { ...stamp, id: newId("posting"), lines: paidPosting(organizationId, amountNanoUsd) }, newId)
        else await addLot(transaction, wallet, { kind: "walletPromotional", amountNanoUsd, ...promotional, source: null, stamp }, newId)
        return amountNanoUsd
      }),

    /** The sum of what a file has granted. */
    systemGrantedByFile: (organizationId: OrganizationId, file: string): Promise<bigint> =>
      database.system((transaction) => postedAmount(transaction, organizationId, { managedBy: file })),

    find: (organizationId: OrganizationId): Promise<WalletRow | null> =>
      database.organization(organizationId, async (transaction) => {
        const organization = await transaction.organization.findUnique({ where: { id: organizationId }, select: { hasWallet: true, timeZone: true } })
        if (organization === null) return null
        const quota = await transaction.quota.findFirst({ where: { organizationId, scope: "wallet" }, select: { limit: true, windows: { select: { used: true, leased: true } } } })
        const balances = await transaction.ledgerBalance.findMany({ where: { organizationId, accountId: { in: walletAccounts(organizationId) } } })
        const balanceOf = (kind: "walletPaid" | "walletPromotional") => balances.find(({ accountId }) => accountId === organizationAccount(organizationId, kind).id)?.balanceNanoUsd ?? 0n
        return {
          ...organization,
          creditedNanoUsd: quota?.limit ?? 0n,
          usedNanoUsd: quota?.windows[0]?.used ?? 0n,
          heldNanoUsd: quota?.windows[0]?.leased ?? 0n,
          paidNanoUsd: balanceOf("walletPaid"),
          promotionalNanoUsd: balanceOf("walletPromotional"),
        }
      }),

    /** What the wallet's accounts came to before `from`, and what moved them until `to`; usage summed by day of the time zone. */
    statement: (organizationId: OrganizationId, from: Date, to: Date, timeZone: string): Promise<{ readonly openingNanoUsd: bigint; readonly rows: readonly StatementRow[] }> =>
      database.organization(organizationId, async (transaction) => {
        const accounts = walletAccounts(organizationId)
        const [opening] = await transaction.$queryRaw<{ total: bigint }[]>`
          SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint AS total FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
          WHERE e.account_id = ANY(${accounts}) AND p.created_at < ${from}`
        const rows = await transaction.$queryRaw<StatementRow[]>`
          SELECT min(p.created_at) AS at, p.kind::text AS kind, p.reason, sum(e.amount_nano_usd)::bigint AS "amountNanoUsd"
          FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
          WHERE e.account_id = ANY(${accounts}) AND p.created_at >= ${from} AND p.created_at < ${to}
          GROUP BY CASE WHEN p.kind = 'usage' THEN date_trunc('day', p.created_at, ${timeZone})::text ELSE p.id END, p.kind, p.reason
          ORDER BY at LIMIT ${STATEMENT_ROWS_MAX}`
        return { openingNanoUsd: opening?.total ?? 0n, rows }
      }),
  }
}

export type WalletRepository = ReturnType<typeof createWalletRepository>

async function postedAmount(transaction: Transaction, organizationId: OrganizationId, where: { readonly idempotencyKey: string } | { readonly managedBy: string }): Promise<bigint> {
  const condition = "managedBy" in where ? Prisma.sql`p.managed_by = ${where.managedBy}` : Prisma.sql`p.idempotency_key = ${where.idempotencyKey}`
  const [row] = await transaction.$queryRaw<{ total: bigint }[]>`
    SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint AS total FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
    WHERE e.account_id = ANY(${walletAccounts(organizationId)}) AND ${condition}`
  return row?.total ?? 0n
}
