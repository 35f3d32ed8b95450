import type { Database, Transaction } from "#lib/adapters/database.ts"
import { addLot, addLotBy, availableNanoUsd, isPosted, listLots, lockWallet, type LockedWallet, openWallet, post, type PostingStamp, recallWallet, writePosting } from "#lib/features/lots/index.ts"
import type { CallCursor } from "#lib/features/usage/index.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { organizationAccount, type OrganizationAccount } from "#lib/ledger/accounts.ts"
import { lotPosting, paidPosting, refundPosting } from "#lib/ledger/postings.ts"
import { Prisma } from "#prisma/generated/client.ts"

type OrganizationId = Id<"organization">

export type CreditWrite = {
  /** What the wallet gains; negative where a file now gives less, which is paid credit then. */
  readonly amountNanoUsd: bigint
  /** Null: paid credit, which does not end. */
  readonly promotional: { readonly expiresAt: Date | null } | null
  readonly stamp: PostingStamp
}

export type TakeWrite = { readonly amountNanoUsd: bigint; readonly kind: "paid" | "promotional"; readonly overdraw: boolean; readonly stamp: PostingStamp }

/** `amountNanoUsd` null: all that was not refunded before. */
export type RefundWrite = { readonly requestId: Id<"request">; readonly amountNanoUsd: bigint | null; readonly stamp: PostingStamp }

/**
 * What became of a posting: `amountNanoUsd` is what stands in the books under its key, which may have been used before; `short`: refused,
 * since no more than `leftNanoUsd` can be taken or given back at this moment.
 */
export type PostOutcome = { readonly outcome: "posted"; readonly amountNanoUsd: bigint } | { readonly outcome: "short"; readonly leftNanoUsd: bigint }

export type LotRow = Awaited<ReturnType<typeof listLots>>[number]

export type WalletRow = {
  readonly hasWallet: boolean
  readonly timeZone: string
  readonly creditedNanoUsd: bigint
  readonly usedNanoUsd: bigint
  readonly heldNanoUsd: bigint
  readonly paidNanoUsd: bigint
  readonly promotionalNanoUsd: bigint
  readonly allowanceNanoUsd: bigint
  readonly lots: readonly LotRow[]
}

export type PostingKind = "credit" | "usage" | "adjustment" | "refund" | "expiry"

/** One line of a statement: a posting, or the usage of one day as a whole, which stands at the day's end and is the only one with a `day`. */
export type StatementRow = {
  readonly id: string
  readonly at: Date
  /** `2026-11-25` of the organization's calendar. */
  readonly day: string | null
  readonly kind: PostingKind
  readonly reason: string | null
  readonly amountNanoUsd: bigint
}

/** Some lines of a statement, and what the wallet's accounts came to: all of it is one state of the books. */
export type StatementPageRow = {
  readonly openingNanoUsd: bigint
  /** Before the page's first line. */
  readonly beforeNanoUsd: bigint
  readonly closingNanoUsd: bigint
  /** Whether anything moved before the statement. */
  readonly isContinued: boolean
  readonly rows: readonly StatementRow[]
}

export type StatementQuery = { readonly from: Date; readonly to: Date; readonly timeZone: string; readonly after: PostingCursor | null; readonly countMax: number }

export type PostingCursor = { readonly atMs: number; readonly id: string }

/** A posting as the operator reads it: what it did to each pot of the organization's money. */
export type PostingRow = {
  readonly id: string
  readonly at: Date
  readonly kind: PostingKind
  readonly reason: string | null
  readonly requestId: string | null
  /** Null: a program, whose file `managedBy` names, or the house itself. */
  readonly authorEmail: string | null
  readonly managedBy: string | null
  readonly paidNanoUsd: bigint
  readonly promotionalNanoUsd: bigint
  readonly allowanceNanoUsd: bigint
  readonly unbilledNanoUsd: bigint
}

/** A call whose usage its provider did not say, or did not say to the end: charged by our own count, or what was held. */
export type FlaggedCallRow = { readonly id: string; readonly at: Date; readonly model: string; readonly status: "estimated" | "interrupted"; readonly chargedNanoUsd: bigint; readonly refundedNanoUsd: bigint }

/** The id of a day's line of usage. No posting has it. */
const DAY_LINE_ID = "post_~"

const walletAccounts = (organizationId: OrganizationId) => (["walletPaid", "walletPromotional", "planAllowance"] as const).map((kind) => organizationAccount(organizationId, kind).id)

export function createWalletRepository(database: Database) {
  return { ...movements(database), ...readings(database) }
}

export type WalletRepository = ReturnType<typeof createWalletRepository>

/** Every function returns null where there is nothing to move: no such organization, no wallet, no such call. */
function movements(database: Database) {
  return {
    /** Posts a credit and raises the wallet's limit by it. */
    systemCredit: (organizationId: OrganizationId, { amountNanoUsd, promotional, stamp }: CreditWrite, newId: NewId): Promise<PostOutcome | null> =>
      database.system(async (transaction) => {
        if ((await transaction.organization.count({ where: { id: organizationId } })) === 0) return null
        const wallet = await openWallet(transaction, organizationId, stamp, newId)
        return once(transaction, organizationId, stamp, async () => {
          if (promotional !== null) await addLot(transaction, wallet, { kind: "walletPromotional", amountNanoUsd, ...promotional, source: null, stamp }, newId)
          else await post(transaction, wallet, { ...stamp, id: newId("posting"), lines: paidPosting(organizationId, amountNanoUsd) }, newId)
          return posted(amountNanoUsd)
        })
      }),

    /** Takes credit away, as far as nobody has used it or leases it. With `overdraw` paid credit falls below zero by the rest. */
    systemTake: (organizationId: OrganizationId, { amountNanoUsd, kind, overdraw, stamp }: TakeWrite, newId: NewId): Promise<PostOutcome | null> =>
      database.system(async (transaction) => {
        const wallet = await lockWallet(transaction, organizationId)
        if (wallet === null) return null
        return once(transaction, organizationId, stamp, async () => {
          const pot = kind === "paid" ? await paidPot(transaction, organizationId) : await promotionalPot(transaction, organizationId)
          const left = overdraw ? wallet.limitNanoUsd : smallest(pot.leftNanoUsd, availableNanoUsd(wallet))
          if (amountNanoUsd > left) return short(transaction, wallet, left)
          await post(transaction, wallet, { ...stamp, id: newId("posting"), lines: pot.linesOf(amountNanoUsd) }, newId)
          return posted(-amountNanoUsd)
        })
      }),

    /** Gives a call back, at most what it was charged less what was refunded of it before. */
    systemRefundCall: (organizationId: OrganizationId, { requestId, amountNanoUsd, stamp }: RefundWrite, newId: NewId): Promise<PostOutcome | null> =>
      database.system(async (transaction) => {
        const wallet = await lockWallet(transaction, organizationId)
        const call = await transaction.usageRecord.findFirst({ where: { id: requestId, organizationId, test: false }, select: { chargedNanoUsd: true, postingId: true } })
        if (call === null) return null
        return once(transaction, organizationId, stamp, async () => {
          const left = call.chargedNanoUsd - (await refundedOf(transaction, organizationId, requestId))
          const amount = amountNanoUsd ?? left
          if (amount > left || amount === 0n) return { outcome: "short", leftNanoUsd: left }
          await refund(transaction, wallet, { organizationId, usagePostingId: call.postingId ?? "", amount, stamp: { ...stamp, requestId } }, newId)
          return posted(amount)
        })
      }),

    /** The sum of what a file has granted. */
    systemGrantedByFile: (organizationId: OrganizationId, file: string): Promise<bigint> =>
      database.system((transaction) => postedAmount(transaction, organizationId, Prisma.sql`p.managed_by = ${file}`)),
  }
}

const posted = (amountNanoUsd: bigint): PostOutcome => ({ outcome: "posted", amountNanoUsd })

/** Does the work unless its key stands in the books already: the wallet is locked, so that two of one key come one after the other. */
async function once(transaction: Transaction, organizationId: OrganizationId, { idempotencyKey }: PostingStamp, work: () => Promise<PostOutcome>): Promise<PostOutcome> {
  if (!(await isPosted(transaction, idempotencyKey))) return work()
  return posted(await postedAmount(transaction, organizationId, Prisma.sql`p.idempotency_key = ${idempotencyKey}`))
}

async function short(transaction: Transaction, wallet: LockedWallet, leftNanoUsd: bigint): Promise<PostOutcome> {
  if (wallet.leasedNanoUsd > 0n) await recallWallet(transaction, wallet)
  return { outcome: "short", leftNanoUsd }
}

async function paidPot(transaction: Transaction, organizationId: OrganizationId) {
  const account = await transaction.ledgerBalance.findUnique({ where: { accountId: organizationAccount(organizationId, "walletPaid").id } })
  return { leftNanoUsd: account?.balanceNanoUsd ?? 0n, linesOf: (amount: bigint) => paidPosting(organizationId, -amount) }
}

/** Taken from lots in the order in which they would have been used. */
async function promotionalPot(transaction: Transaction, organizationId: OrganizationId) {
  const lots = (await listLots(transaction, organizationId)).filter((lot) => lot.kind === "walletPromotional" && !lot.ended)
  return {
    leftNanoUsd: lots.reduce((sum, lot) => sum + lot.remainingNanoUsd, 0n),
    linesOf(amount: bigint) {
      let rest = amount
      return lots.flatMap((lot) => {
        const taken = smallest(rest, lot.remainingNanoUsd)
        rest -= taken
        return lotPosting(organizationId, lot, -taken)
      })
    },
  }
}

type Refund = { readonly organizationId: OrganizationId; readonly usagePostingId: string; readonly amount: bigint; readonly stamp: PostingStamp }

/**
 * Money goes back to what paid for the call. A posting pays many calls, so it goes to paid credit as far as the posting took any that was
 * not given back already; the rest becomes promotional credit that does not expire.
 */
async function refund(transaction: Transaction, wallet: LockedWallet | null, { organizationId, usagePostingId, amount, stamp }: Refund, newId: NewId): Promise<void> {
  const unbilledNanoUsd = smallest(amount, await notGivenBack(transaction, organizationId, usagePostingId, "unbilled"))
  const ofWallet = amount - unbilledNanoUsd
  if (wallet === null || ofWallet === 0n) {
    const lines = refundPosting(organizationId, { unbilledNanoUsd: amount, paidNanoUsd: 0n, lot: null })
    return writePosting(transaction, organizationId, { ...stamp, id: newId("posting"), lines }, newId)
  }
  const paidNanoUsd = smallest(ofWallet, await notGivenBack(transaction, organizationId, usagePostingId, "walletPaid"))
  const amountNanoUsd = ofWallet - paidNanoUsd
  if (amountNanoUsd === 0n) {
    await post(transaction, wallet, { ...stamp, id: newId("posting"), lines: refundPosting(organizationId, { unbilledNanoUsd, paidNanoUsd, lot: null }) }, newId)
    return
  }
  const grant = { kind: "walletPromotional", amountNanoUsd, expiresAt: null, source: null, stamp } as const
  await addLotBy(transaction, wallet, grant, ({ id }) => refundPosting(organizationId, { unbilledNanoUsd, paidNanoUsd, lot: { id, amountNanoUsd } }), newId)
}

/** What a usage posting took from an account, less what refunds of its calls gave back to it. */
async function notGivenBack(transaction: Transaction, organizationId: OrganizationId, usagePostingId: string, kind: OrganizationAccount): Promise<bigint> {
  const [row] = await transaction.$queryRaw<{ total: bigint }[]>`
    SELECT coalesce(-sum(e.amount_nano_usd), 0)::bigint AS total FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
    WHERE e.account_id = ${organizationAccount(organizationId, kind).id}
      AND (p.id = ${usagePostingId} OR p.request_id IN (SELECT id FROM usage_record WHERE posting_id = ${usagePostingId}))`
  return largest(row?.total ?? 0n, 0n)
}

async function refundedOf(transaction: Transaction, organizationId: OrganizationId, requestId: Id<"request">): Promise<bigint> {
  return postedAmount(transaction, organizationId, Prisma.sql`p.request_id = ${requestId}`)
}

/** What postings have done to the organization's money, in all its accounts. */
async function postedAmount(transaction: Transaction, organizationId: OrganizationId, condition: Prisma.Sql): Promise<bigint> {
  const [row] = await transaction.$queryRaw<{ total: bigint }[]>`
    SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint AS total FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting_id
    WHERE p.organization_id = ${organizationId} AND e.organization_id = ${organizationId} AND ${condition}`
  return row?.total ?? 0n
}

function readings(database: Database) {
  return {
    find: (organizationId: OrganizationId): Promise<WalletRow | null> =>
      database.organization(organizationId, async (transaction) => {
        const organization = await transaction.organization.findUnique({ where: { id: organizationId }, select: { hasWallet: true, timeZone: true } })
        if (organization === null) return null
        const quota = await transaction.quota.findFirst({ where: { organizationId, scope: "wallet" }, select: { limit: true, windows: { select: { used: true, leased: true } } } })
        const balances = await transaction.ledgerBalance.findMany({ where: { organizationId, accountId: { in: walletAccounts(organizationId) } } })
        const balanceOf = (kind: OrganizationAccount) => balances.find(({ accountId }) => accountId === organizationAccount(organizationId, kind).id)?.balanceNanoUsd ?? 0n
        return {
          ...organization,
          creditedNanoUsd: quota?.limit ?? 0n,
          usedNanoUsd: quota?.windows[0]?.used ?? 0n,
          heldNanoUsd: quota?.windows[0]?.leased ?? 0n,
          paidNanoUsd: balanceOf("walletPaid"),
          promotionalNanoUsd: balanceOf("walletPromotional"),
          allowanceNanoUsd: balanceOf("planAllowance"),
          lots: await listLots(transaction, organizationId),
        }
      }),

    /** What moved the organization's money, newest first; usage, one posting per flush, only where it is asked for. */
    systemListPostings: (organizationId: OrganizationId, { before, usage, countMax }: { readonly before: PostingCursor | null; readonly usage: boolean; readonly countMax: number }): Promise<readonly PostingRow[]> =>
      database.system((transaction) => {
        // In the words of the index that leaves usage out (ledger_posting_movements_idx).
        const kinds = usage ? Prisma.empty : Prisma.sql`AND p.kind <> 'usage'`
        const moment = Prisma.sql`${before === null ? null : new Date(before.atMs)}::timestamptz`
        const older = before === null ? Prisma.empty : Prisma.sql`AND p.created_at <= ${moment} AND (p.created_at, p.id) < (${moment}, ${before.id})`
        const sumOf = (kind: OrganizationAccount) => Prisma.sql`coalesce(sum(e.amount_nano_usd) FILTER (WHERE e.account_id = ${organizationAccount(organizationId, kind).id}), 0)::bigint`
        return transaction.$queryRaw<PostingRow[]>`
          SELECT p.id, p.created_at AS at, p.kind::text AS kind, p.reason, p.request_id AS "requestId", author.email AS "authorEmail", p.managed_by AS "managedBy", moved.*
          FROM ledger_posting p
          CROSS JOIN LATERAL (
            SELECT ${sumOf("walletPaid")} AS "paidNanoUsd", ${sumOf("walletPromotional")} AS "promotionalNanoUsd", ${sumOf("planAllowance")} AS "allowanceNanoUsd",
                   ${sumOf("unbilled")} AS "unbilledNanoUsd", sum(e.amount_nano_usd) AS total
            FROM ledger_entry e WHERE e.posting_id = p.id AND e.organization_id = ${organizationId}) moved
          LEFT JOIN app_user author ON author.id = p.author_id
          WHERE p.organization_id = ${organizationId} ${kinds} AND moved.total <> 0 ${older}
          ORDER BY p.created_at DESC, p.id DESC LIMIT ${countMax}`
      }),

    /** Flagged calls that cost something, newest first, from the cursor on: read along the index that holds no others (usage_record_flagged_idx). */
    systemListFlagged: (organizationId: OrganizationId, { before, countMax }: { readonly before: CallCursor | null; readonly countMax: number }): Promise<readonly FlaggedCallRow[]> =>
      database.system((transaction) => {
        // The moment once more by itself, which bounds the index: usage/repository.ts says why.
        const moment = Prisma.sql`${before === null ? null : new Date(before.admittedAtMs)}::timestamptz`
        const older = before === null ? Prisma.empty : Prisma.sql`AND call.admitted_at <= ${moment} AND (call.admitted_at, call.id) < (${moment}, ${before.id})`
        return transaction.$queryRaw<FlaggedCallRow[]>`
          SELECT call.id, call.admitted_at AS at, call.model, call.status::text AS status, call.charged_nano_usd AS "chargedNanoUsd", (
            SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint FROM ledger_posting p JOIN ledger_entry e ON e.posting_id = p.id
            WHERE p.request_id = call.id AND e.organization_id = ${organizationId}) AS "refundedNanoUsd"
          FROM usage_record call
          WHERE call.organization_id = ${organizationId} AND call.status IN ('estimated', 'interrupted') AND call.charged_nano_usd > 0 AND NOT call.test ${older}
          ORDER BY call.admitted_at DESC, call.id DESC LIMIT ${countMax}`
      }),

    /**
     * What the wallet's accounts came to before `from` and until `to`, and what moved them between, oldest first, from behind the cursor on.
     * Sums are read from the flows by quarter of an hour, which days and months of every time zone begin with; postings other than usage
     * along their own index (ledger_posting_movements_idx). So a page costs the same however many flushes and lines a month has.
     */
    statement: async (organizationId: OrganizationId, { from, to, timeZone, after, countMax }: StatementQuery): Promise<StatementPageRow> => {
      const [moment, id] = after === null ? [from, ""] : [new Date(after.atMs), after.id]
      const accounts = walletAccounts(organizationId)
      const movedBy = Prisma.sql`
        ledger_posting p CROSS JOIN LATERAL (
          SELECT coalesce(sum(e.amount_nano_usd), 0)::bigint AS amount FROM ledger_entry e WHERE e.posting_id = p.id AND e.account_id = ANY(${accounts})) moved
        WHERE p.organization_id = ${organizationId} AND p.kind <> 'usage'`
      const rows = await database.organization(
        organizationId,
        (transaction) => transaction.$queryRaw<StatementSqlRow[]>`
          WITH flow AS MATERIALIZED (
            SELECT quarter, kind, amount_nano_usd AS amount FROM wallet_flow WHERE organization_id = ${organizationId} AND quarter >= ${from} AND quarter < ${to}
          ), day AS MATERIALIZED (
            SELECT (quarter AT TIME ZONE ${timeZone})::date AS day, sum(amount)::bigint AS amount FROM flow WHERE kind = 'usage' GROUP BY 1
          ), day_line AS MATERIALIZED (
            SELECT ((day + 1)::timestamp AT TIME ZONE ${timeZone}) - interval '1 millisecond' AS at, ${DAY_LINE_ID} AS id, day::text AS day, 'usage' AS kind, NULL AS reason, amount
            FROM day WHERE amount <> 0
          ), line AS (
            SELECT * FROM day_line WHERE (at, id) > (${moment}::timestamptz, ${id})
            UNION ALL
            (SELECT p.created_at, p.id, NULL, p.kind::text, p.reason, moved.amount FROM ${movedBy} AND moved.amount <> 0
              AND p.created_at >= ${moment}::timestamptz AND p.created_at < ${to} AND (p.created_at, p.id) > (${moment}::timestamptz, ${id})
              ORDER BY p.created_at, p.id LIMIT ${countMax})
          ), opening AS (
            SELECT coalesce(sum(amount_nano_usd), 0)::bigint AS total, count(*) > 0 AS continued FROM wallet_flow WHERE organization_id = ${organizationId} AND quarter < ${from}
          ), listed AS (
            SELECT coalesce((SELECT sum(amount) FROM day_line WHERE (at, id) <= (${moment}::timestamptz, ${id})), 0)
              + coalesce((SELECT sum(amount) FROM flow WHERE kind <> 'usage' AND quarter < date_bin('15 minutes', ${moment}::timestamptz, timestamptz 'epoch')), 0)
              + coalesce((SELECT sum(moved.amount) FROM ${movedBy} AND p.created_at >= date_bin('15 minutes', ${moment}::timestamptz, timestamptz 'epoch') AND p.created_at < ${to}
                  AND p.created_at <= ${moment}::timestamptz AND (p.created_at, p.id) <= (${moment}::timestamptz, ${id})), 0) AS total
          )
          SELECT opening.total AS opening, (opening.total + listed.total)::bigint AS before, (opening.total + (SELECT coalesce(sum(amount), 0) FROM flow))::bigint AS closing, opening.continued, line.*
          FROM opening CROSS JOIN listed LEFT JOIN line ON true
          ORDER BY line.at, line.id LIMIT ${countMax}`,
      )
      const [first] = rows
      return {
        openingNanoUsd: first?.opening ?? 0n,
        beforeNanoUsd: first?.before ?? 0n,
        closingNanoUsd: first?.closing ?? 0n,
        isContinued: first?.continued ?? false,
        rows: rows.flatMap(({ id, at, day, kind, reason, amount }) => (id === null ? [] : [{ id, at, day, kind, reason, amountNanoUsd: amount }])),
      }
    },
  }
}

/** Without a line where there is none. */
type StatementSqlRow = { readonly opening: bigint; readonly before: bigint; readonly closing: bigint; readonly continued: boolean } & (
  | { readonly id: null; readonly at: null; readonly day: null; readonly kind: null; readonly reason: null; readonly amount: null }
  | { readonly id: string; readonly at: Date; readonly day: string | null; readonly kind: PostingKind; readonly reason: string | null; readonly amount: bigint }
)

const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
