import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { organizationAccount } from "#lib/ledger/accounts.ts"
import type { PostingLine } from "#lib/ledger/postings.ts"
import { Prisma } from "#prisma/generated/client.ts"

type OrganizationId = Id<"organization">

export type CreditWrite = {
  readonly postingId: Id<"posting">
  readonly idempotencyKey: string
  readonly kind: "credit" | "adjustment"
  readonly reason: string
  readonly authorId: Id<"user"> | null
  readonly managedBy: string | null
  readonly createdAt: Date
  /** What the wallet gains; negative where a file now gives less. */
  readonly amountNanoUsd: bigint
  readonly lines: readonly PostingLine[]
  /** For the wallet's quota, where the organization had no wallet yet. */
  readonly quotaId: Id<"quota">
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

const walletAccounts = (organizationId: OrganizationId) => (["walletPaid", "walletPromotional"] as const).map((kind) => organizationAccount(organizationId, kind).id)

export function createWalletRepository(database: Database) {
  return {
    /**
     * Posts a credit and raises the wallet's limit by it, in one transaction. Returns the amount that stands in the books under this
     * idempotency key: another one than given where the key was used before.
     */
    systemCredit: (organizationId: OrganizationId, write: CreditWrite, newId: NewId): Promise<bigint | null> =>
      database.system(async (transaction) => {
        const organization = await transaction.organization.findUnique({ where: { id: organizationId }, select: { id: true } })
        if (organization === null) return null
        if (!(await insertPosting(transaction, organizationId, write, newId))) return postedAmount(transaction, organizationId, { idempotencyKey: write.idempotencyKey })
        await raiseWallet(transaction, organizationId, write)
        return write.amountNanoUsd
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

/** False where the idempotency key was used before: then nothing is written. */
async function insertPosting(transaction: Transaction, organizationId: OrganizationId, write: CreditWrite, newId: NewId): Promise<boolean> {
  const { postingId, idempotencyKey, kind, reason, authorId, managedBy, createdAt, lines } = write
  const posting = { id: postingId, organizationId, idempotencyKey, kind, reason, authorId, managedBy, createdAt }
  const { count } = await transaction.ledgerPosting.createMany({ data: [posting], skipDuplicates: true })
  if (count === 0) return false
  await transaction.ledgerAccount.createMany({ data: lines.map(({ account }) => ({ ...account })), skipDuplicates: true })
  await transaction.ledgerEntry.createMany({
    data: lines.map(({ account, amountNanoUsd }) => ({ id: newId("entry"), postingId, accountId: account.id, organizationId: account.organizationId, amountNanoUsd })),
  })
  return true
}

/** The wallet is a quota over all time, whose limit is the sum of the credits. */
async function raiseWallet(transaction: Transaction, organizationId: OrganizationId, { amountNanoUsd, managedBy, createdAt, quotaId }: CreditWrite): Promise<void> {
  await transaction.organization.update({ where: { id: organizationId }, data: { hasWallet: true }, select: { id: true } })
  const target = { scope: "wallet", scopeId: organizationId, unit: "nanoUsd", window: "total" } as const
  await transaction.quota.createMany({ data: [{ id: quotaId, organizationId, ...target, limit: 0n, managedBy, createdAt }], skipDuplicates: true })
  await transaction.quota.update({ where: { scope_scopeId_unit_window: target }, data: { limit: { increment: amountNanoUsd }, disabledAt: null }, select: { id: true } })
}

async function postedAmount(transaction: Transaction, organizationId: OrganizationId, where: { readonly idempotencyKey: string } | { readonly managedBy: string }): Promise<bigint> {
  const condition = "managedBy" in where ? Prisma.sql`p.managed_by = ${where.managedBy}` : Prisma.sql`p.idempotency_key = ${where.idempotencyKey}`
  const [row] = await transaction.$queryRaw<{ total: bigint }[]>`
    SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint AS total FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
    WHERE e.account_id = ANY(${walletAccounts(organizationId)}) AND ${condition}`
  return row?.total ?? 0n
}
