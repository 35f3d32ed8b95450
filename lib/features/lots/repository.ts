import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { byOrderOfUse, type Lot, type LotKind } from "#lib/ledger/lots.ts"
import { lotPosting, type PostingLine, splitPosting } from "#lib/ledger/postings.ts"
import { LEASE_MS } from "#lib/quota/lease-rules.ts"
import { encodeRecall, RECALL_CHANNEL } from "#lib/quota/recall-message.ts"

type OrganizationId = Id<"organization">

/** For so long after its end a lot is kept for the calls that ran then: a lease that nobody renews lives no longer, and few calls do. */
const PAYS_FOR_MS = LEASE_MS

/** A wallet whose money nobody else changes until the transaction ends. */
export type LockedWallet = {
  readonly organizationId: OrganizationId
  readonly quotaId: Id<"quota">
  readonly limitNanoUsd: bigint
  readonly usedNanoUsd: bigint
  readonly leasedNanoUsd: bigint
}

/** What a posting says beside its lines. */
export type PostingStamp = {
  readonly kind: "credit" | "adjustment" | "refund" | "expiry"
  readonly idempotencyKey: string
  readonly reason: string
  readonly authorId: Id<"user"> | null
  readonly managedBy: string | null
  readonly createdAt: Date
  /** The call that a refund is for. */
  readonly requestId?: Id<"request">
}

export type NewPosting = PostingStamp & { readonly id: Id<"posting">; readonly lines: readonly PostingLine[] }

/**
 * Locks the wallet. Whoever changes an organization's money does this first: booking takes the same window's lock (lib/adapters/
 * booking-sql.ts), so that lots, balances and the limit stand still. The change counter comes before it, since a changed limit is noted
 * there, and everybody has to take the two in one order. Null: the organization has no wallet. A transaction locks one wallet.
 */
export async function lockWallet(transaction: Transaction, organizationId: OrganizationId): Promise<LockedWallet | null> {
  await lockChanges(transaction)
  await transaction.$executeRaw`
    INSERT INTO quota_window (quota_id, window_start, organization_id)
    SELECT id, to_timestamp(0), organization_id FROM quota WHERE scope = 'wallet' AND organization_id = ${organizationId}
    ON CONFLICT DO NOTHING`
  const [window] = await transaction.$queryRaw<{ quotaId: Id<"quota">; used: bigint; leased: bigint }[]>`
    SELECT w.quota_id AS "quotaId", w.used, w.leased FROM quota_window w JOIN quota q ON q.id = w.quota_id
    WHERE q.scope = 'wallet' AND q.organization_id = ${organizationId} FOR UPDATE OF w`
  if (window === undefined) return null
  // Of a snapshot that is taken under the lock.
  const { limit } = await transaction.quota.findUniqueOrThrow({ where: { id: window.quotaId }, select: { limit: true } })
  return { organizationId, quotaId: window.quotaId, limitNanoUsd: limit, usedNanoUsd: window.used, leasedNanoUsd: window.leased }
}

/** Taken first by whoever will change a wallet's limit, so that everybody takes the counter and the wallet in one order. */
export const lockChanges = (transaction: Transaction): Promise<unknown> => transaction.$queryRaw`SELECT value FROM change_counter WHERE id = 1 FOR UPDATE`

/** The organization's wallet, locked; where it had none, one that begins empty: from now on the organization has a limit. */
export async function openWallet(
  transaction: Transaction,
  organizationId: OrganizationId,
  { createdAt, managedBy }: Pick<PostingStamp, "createdAt" | "managedBy">,
  newId: NewId,
): Promise<LockedWallet> {
  await lockChanges(transaction)
  await transaction.organization.updateMany({ where: { id: organizationId, hasWallet: false }, data: { hasWallet: true } })
  const target = { scope: "wallet", scopeId: organizationId, unit: "nanoUsd", window: "total" } as const
  await transaction.quota.createMany({ data: [{ id: newId("quota"), organizationId, ...target, limit: 0n, managedBy, createdAt }], skipDuplicates: true })
  await transaction.quota.updateMany({ where: { ...target, disabledAt: { not: null } }, data: { disabledAt: null } })
  const wallet = await lockWallet(transaction, organizationId)
  if (wallet === null) throw new Error(`the wallet of ${organizationId} was not made`)
  return wallet
}

/** What may be taken away at this moment: all that is neither used nor leased. */
export const availableNanoUsd = ({ limitNanoUsd, usedNanoUsd, leasedNanoUsd }: LockedWallet): bigint => largest(limitNanoUsd - usedNanoUsd - leasedNanoUsd, 0n)

/** Whether the books have a posting of this key already. */
export const isPosted = async (transaction: Transaction, idempotencyKey: string): Promise<boolean> => (await transaction.ledgerPosting.count({ where: { idempotencyKey } })) > 0

/** Writes a posting, and moves the wallet's limit by what its lines do to the wallet's money. Returns the wallet as it is then. */
export async function post(transaction: Transaction, wallet: LockedWallet, posting: NewPosting, newId: NewId): Promise<LockedWallet> {
  await writePosting(transaction, wallet.organizationId, posting, newId)
  const moved = posting.lines.filter(({ account }) => account.organizationId !== null && account.kind !== "unbilled").reduce((sum, line) => sum + line.amountNanoUsd, 0n)
  if (moved !== 0n) await transaction.quota.update({ where: { id: wallet.quotaId }, data: { limit: { increment: moved } }, select: { id: true } })
  await bound(transaction, wallet.organizationId)
  return { ...wallet, limitNanoUsd: wallet.limitNanoUsd + moved }
}

/** A posting and its lines alone, of money that is no wallet's. */
export async function writePosting(transaction: Transaction, organizationId: OrganizationId, { lines, ...posting }: NewPosting, newId: NewId): Promise<void> {
  await transaction.ledgerPosting.create({ data: { organizationId, ...posting }, select: { id: true } })
  await transaction.ledgerAccount.createMany({ data: lines.map(({ account }) => ({ ...account })), skipDuplicates: true })
  await transaction.ledgerEntry.createMany({
    data: lines.map(({ account, amountNanoUsd, lotId = null }) => ({ id: newId("entry"), postingId: posting.id, accountId: account.id, organizationId: account.organizationId, amountNanoUsd, lotId })),
  })
}

/** Tells those who lease, under the window's lock, what the limit is now and what of it has ended. */
const bound = (transaction: Transaction, organizationId: OrganizationId) =>
  transaction.$executeRaw`
    UPDATE quota_window w SET ceiling = q."limit", withheld = (
      SELECT coalesce(sum(remaining_nano_usd), 0)::bigint FROM credit_lot WHERE organization_id = ${organizationId} AND ended_at IS NOT NULL)
    FROM quota q WHERE q.id = w.quota_id AND q.scope = 'wallet' AND q.organization_id = ${organizationId}`

export type LotGrant = {
  readonly kind: LotKind
  /** More than nothing. */
  readonly amountNanoUsd: bigint
  /** Null: it does not expire. */
  readonly expiresAt: Date | null
  /** What it comes from, such as a subscription's period. */
  readonly source: string | null
  readonly stamp: PostingStamp
}

/** Gives a lot, and a wallet with it where the organization had none. Null: the idempotency key was used before, and nothing is changed. */
export async function grantLot(transaction: Transaction, organizationId: OrganizationId, grant: LotGrant, newId: NewId): Promise<Id<"lot"> | null> {
  const wallet = await openWallet(transaction, organizationId, grant.stamp, newId)
  return (await isPosted(transaction, grant.stamp.idempotencyKey)) ? null : addLot(transaction, wallet, grant, newId)
}

/** The same to a wallet that is locked, with a key that is new. */
export function addLot(transaction: Transaction, wallet: LockedWallet, grant: LotGrant, newId: NewId): Promise<Id<"lot">> {
  return addLotBy(transaction, wallet, grant, (lot) => lotPosting(wallet.organizationId, lot, grant.amountNanoUsd), newId)
}

/** A lot that comes of another posting than a gift, such as a refund. */
export async function addLotBy(
  transaction: Transaction,
  wallet: LockedWallet,
  { stamp, kind, amountNanoUsd, expiresAt, source }: LotGrant,
  linesOf: (lot: { readonly id: Id<"lot">; readonly kind: LotKind }) => readonly PostingLine[],
  newId: NewId,
): Promise<Id<"lot">> {
  const { organizationId } = wallet
  const [id, postingId] = [newId("lot"), newId("posting")]
  await transaction.creditLot.create({ data: { id, organizationId, kind, amountNanoUsd, expiresAt, source, postingId, createdAt: stamp.createdAt }, select: { id: true } })
  await post(transaction, wallet, { ...stamp, id: postingId, lines: linesOf({ id, kind }) }, newId)
  return id
}

/** Why a lot ends before its date, in words that the organization reads, and when. */
export type LotEnd = { readonly lotId: Id<"lot">; readonly at: Date; readonly reason: string }

/** What became of what was left of a lot: `leased` is taken back as processes give it back, unless calls that run use it. */
export type Taken = { readonly takenNanoUsd: bigint; readonly leasedNanoUsd: bigint }

const NOTHING_TAKEN: Taken = { takenNanoUsd: 0n, leasedNanoUsd: 0n }

/** Ends a lot. One that has ended is left as it is. */
export async function endLot(transaction: Transaction, organizationId: OrganizationId, { lotId, at, reason }: LotEnd, newId: NewId): Promise<Taken> {
  const wallet = await lockWallet(transaction, organizationId)
  if (wallet === null) return NOTHING_TAKEN
  const { count } = await transaction.creditLot.updateMany({ where: { id: lotId, organizationId, endedAt: null }, data: { endedAt: at, endReason: reason } })
  return count === 0 ? NOTHING_TAKEN : takeEnded(transaction, wallet, at, newId)
}

/**
 * Takes up to an amount of what is left of a lot: that part becomes a lot of its own, which ends. Returns how much it was: less than
 * asked where less was left.
 */
export async function reduceLot(transaction: Transaction, organizationId: OrganizationId, { byNanoUsd, ...end }: LotEnd & { readonly byNanoUsd: bigint }, newId: NewId): Promise<bigint> {
  const wallet = await lockWallet(transaction, organizationId)
  const lot = await transaction.creditLot.findFirst({ where: { id: end.lotId, organizationId, endedAt: null } })
  if (wallet === null || lot === null) return 0n
  const amountNanoUsd = smallest(byNanoUsd, lot.remainingNanoUsd)
  if (amountNanoUsd === 0n) return 0n
  const { kind, expiresAt, source } = lot
  const [id, postingId] = [newId("lot"), newId("posting")]
  const stamp: PostingStamp = { kind: "adjustment", idempotencyKey: `split:${id}`, reason: end.reason, authorId: null, managedBy: null, createdAt: end.at }
  await transaction.creditLot.create({ data: { id, organizationId, kind, amountNanoUsd, expiresAt, source, postingId, createdAt: end.at, endedAt: end.at, endReason: end.reason }, select: { id: true } })
  await writePosting(transaction, organizationId, { ...stamp, id: postingId, lines: splitPosting(organizationId, kind, end.lotId, id, amountNanoUsd) }, newId)
  await takeEnded(transaction, wallet, end.at, newId)
  return amountNanoUsd
}

/** The same for all lots that came from one source, the newest first. */
export async function reduceSource(
  transaction: Transaction,
  organizationId: OrganizationId,
  { source, byNanoUsd, ...end }: Omit<LotEnd, "lotId"> & { readonly source: string; readonly byNanoUsd: bigint },
  newId: NewId,
): Promise<bigint> {
  const lots = await transaction.creditLot.findMany({ where: { organizationId, source, endedAt: null }, orderBy: { id: "desc" }, select: { id: true } })
  let rest = byNanoUsd
  for (const { id } of lots) {
    if (rest > 0n) rest -= await reduceLot(transaction, organizationId, { ...end, lotId: id as Id<"lot">, byNanoUsd: rest }, newId)
  }
  return byNanoUsd - rest
}

/**
 * Takes back what is left of lots that have ended, but neither what is leased of the wallet, so that used + leased ≤ limit holds at every
 * moment, nor, for a while, what is needed to pay the calls that ran when they ended: as much as is leased. The rest is withheld from
 * now on and recalled; the next round finds what came back.
 */
async function takeEnded(transaction: Transaction, locked: LockedWallet, at: Date, newId: NewId): Promise<Taken> {
  const { organizationId } = locked
  const { lots, takenNanoUsd } = whatToTake(locked, await endedLots(transaction, organizationId), at.getTime())
  let wallet = locked
  for (const { id, kind, remainingNanoUsd, reason, amountNanoUsd } of lots) {
    if (amountNanoUsd === 0n) continue
    // What is left of an ended lot only falls, so this names each taking.
    const idempotencyKey = `expiry:${id}:${remainingNanoUsd}`
    const stamp: PostingStamp = { kind: "expiry", idempotencyKey, reason, authorId: null, managedBy: null, createdAt: at }
    wallet = await post(transaction, wallet, { ...stamp, id: newId("posting"), lines: lotPosting(organizationId, { id, kind }, -amountNanoUsd) }, newId)
  }
  const leasedNanoUsd = lots.reduce((sum, lot) => sum + lot.remainingNanoUsd, 0n) - takenNanoUsd
  if (leasedNanoUsd > 0n) {
    await bound(transaction, organizationId)
    await recallWallet(transaction, wallet)
  }
  return { takenNanoUsd, leasedNanoUsd }
}

/** Asks all processes for what they lease of the wallet and do not need; heard when the transaction ends. */
export const recallWallet = (transaction: Transaction, { quotaId }: LockedWallet) =>
  transaction.$executeRaw`SELECT pg_notify(${RECALL_CHANNEL}, ${encodeRecall([{ quotaId, windowStart: 0 }])})`

/** How much of each ended lot: of those that pay first, the calls that run are paid. */
function whatToTake(wallet: LockedWallet, ended: readonly EndedLot[], atMs: number) {
  const mayPay = (lot: EndedLot) => atMs < (lot.endsAtMs ?? 0) + PAYS_FOR_MS
  const kept = smallest(ended.filter(mayPay).reduce((sum, lot) => sum + lot.remainingNanoUsd, 0n), wallet.leasedNanoUsd)
  let keep = kept
  let available = availableNanoUsd(wallet)
  const lots = ended.map((lot) => {
    const keptOfLot = mayPay(lot) ? smallest(lot.remainingNanoUsd, keep) : 0n
    keep -= keptOfLot
    const amountNanoUsd = smallest(lot.remainingNanoUsd - keptOfLot, available)
    available -= amountNanoUsd
    return { ...lot, amountNanoUsd }
  })
  return { lots, takenNanoUsd: lots.reduce((sum, lot) => sum + lot.amountNanoUsd, 0n) }
}

type EndedLot = Lot & { readonly reason: string }

async function endedLots(transaction: Transaction, organizationId: OrganizationId): Promise<readonly EndedLot[]> {
  const rows = await transaction.creditLot.findMany({ where: { organizationId, endedAt: { not: null }, remainingNanoUsd: { gt: 0n } } })
  const reasons = await reasonsOf(transaction, rows)
  return rows
    .map(({ id, kind, remainingNanoUsd, endedAt, endReason, postingId }) => ({ id: id as Id<"lot">, kind, remainingNanoUsd, endsAtMs: endedAt?.getTime() ?? null, reason: endReason ?? reasons.get(postingId) ?? "" }))
    .toSorted(byOrderOfUse)
}

export function createLotsRepository(database: Database) {
  return {
    /** Organizations of which something has expired, first, or has ended and is not all taken back yet. */
    async systemListEnding(now: Date, countMax: number): Promise<readonly OrganizationId[]> {
      const rows = await database.system(
        (transaction) => transaction.$queryRaw<{ id: OrganizationId }[]>`
          SELECT organization_id AS id FROM credit_lot WHERE remaining_nano_usd > 0 AND (ended_at IS NOT NULL OR expires_at <= ${now})
          GROUP BY organization_id ORDER BY bool_or(ended_at IS NULL) DESC, organization_id LIMIT ${countMax}`,
      )
      return rows.map((row) => row.id)
    },

    /** Ends what has expired of one organization, and takes back what it can. */
    systemExpire: (organizationId: OrganizationId, now: Date, newId: NewId): Promise<Taken> =>
      database.system(async (transaction) => {
        const wallet = await lockWallet(transaction, organizationId)
        if (wallet === null) return NOTHING_TAKEN
        await transaction.$executeRaw`UPDATE credit_lot SET ended_at = expires_at WHERE organization_id = ${organizationId} AND ended_at IS NULL AND expires_at <= ${now}`
        return takeEnded(transaction, wallet, now, newId)
      }),
  }
}

/** Lots with something left, in the order of their use; those that have ended too, as far as they are not taken back yet. */
export async function listLots(transaction: Transaction, organizationId: OrganizationId) {
  const rows = await transaction.creditLot.findMany({ where: { organizationId, remainingNanoUsd: { gt: 0n } } })
  const reasons = await reasonsOf(transaction, rows)
  return rows
    .map(({ id, kind, amountNanoUsd, remainingNanoUsd, expiresAt, endedAt, postingId }) => ({
      id: id as Id<"lot">,
      kind,
      amountNanoUsd,
      remainingNanoUsd,
      expiresAt,
      ended: endedAt !== null,
      endsAtMs: (endedAt ?? expiresAt)?.getTime() ?? null,
      reason: reasons.get(postingId) ?? null,
    }))
    .toSorted(byOrderOfUse)
}

async function reasonsOf(transaction: Transaction, lots: readonly { readonly postingId: string }[]): Promise<ReadonlyMap<string, string | null>> {
  const granted = await transaction.ledgerPosting.findMany({ where: { id: { in: lots.map((row) => row.postingId) } }, select: { id: true, reason: true } })
  return new Map(granted.map(({ id, reason }) => [id, reason]))
}

export type LotsRepository = ReturnType<typeof createLotsRepository>

const smallest = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)
