import type { PostingStamp } from "#lib/features/lots/index.ts"
import { decodeCursor, encodeCursor } from "#lib/features/usage/index.ts"
import type { Actor } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { formatUsd, type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { endOfDay, windowAt } from "#lib/quota/windows.ts"
import { statementCsv } from "./export.ts"
import { mayCredit, maySeeWallet } from "./policy.ts"
import { decodePostingCursor, encodePostingCursor } from "./posting-cursor.ts"
import type { FlaggedCallRow, LotRow, PostingCursor, PostingRow, PostOutcome, StatementRow, WalletRepository } from "./repository.ts"
import { type AdjustInput, type CreditInput, type MovementInput, type RefundCallInput, type ReturnPaidInput, statementMonth } from "./schema.ts"

export type WalletDependencies = { readonly repository: WalletRepository; readonly clock: Clock; readonly newId: NewId }

export type WalletBalance = {
  /** All credits, less what has expired. */
  readonly creditedNanoUsd: NanoUsd
  readonly usedNanoUsd: NanoUsd
  /** What running calls hold, and what ended ones used in the last moments. */
  readonly heldNanoUsd: NanoUsd
  /** Credited less used. */
  readonly balanceNanoUsd: NanoUsd
  /** The balance by where it came from. */
  readonly paidNanoUsd: NanoUsd
  readonly promotionalNanoUsd: NanoUsd
  readonly allowanceNanoUsd: NanoUsd
  /** Promotional credit and allowances, in the order in which they are used; paid credit comes after all of them. */
  readonly lots: readonly LotView[]
}

/** `reason`: as it was given. `ended`: it is over, and only calls that run still may use it. */
export type LotView = Pick<LotRow, "id" | "kind" | "expiresAt" | "ended" | "reason"> & { readonly amountNanoUsd: NanoUsd; readonly remainingNanoUsd: NanoUsd }

/** A line of a statement, and the balance behind it. */
export type StatementLine = StatementRow & { readonly balanceNanoUsd: NanoUsd }

/** One page of a month of a wallet: what the month began with, what moved it, oldest first, and what it came to. */
export type StatementPage = {
  readonly month: string
  readonly openingNanoUsd: NanoUsd
  /** The balance before the page's first line. */
  readonly beforeNanoUsd: NanoUsd
  readonly lines: readonly StatementLine[]
  readonly closingNanoUsd: NanoUsd
  /** Where the list goes on; null: nowhere. */
  readonly next: string | null
  /** The months beside it, such as `2026-10`: null where nothing moved before, and where the month is not over. */
  readonly earlier: string | null
  readonly later: string | null
}

/** One page of the postings, newest first. `next`: where the list goes on; null: nowhere. */
export type PostingPage = { readonly rows: readonly PostingRow[]; readonly next: string | null }

/** One page of flagged calls, newest first. */
export type FlaggedCallPage = { readonly calls: readonly FlaggedCallRow[]; readonly next: string | null }

export const POSTINGS_PER_PAGE = 25
export const STATEMENT_LINES_PER_PAGE = 50
/** Lines that an export reads at a time. */
const EXPORTED_PER_PAGE = 1_000
const FLAGGED_CALLS_PER_PAGE = 10

/** An organization's prepaid money. `balance` null: the organization has no wallet, and so no wallet limit. */
export function createWalletService({ repository, clock, newId }: WalletDependencies) {
  async function findWallet(actor: Actor, organizationId: string) {
    if (!isId("organization", organizationId) || !maySeeWallet(actor, organizationId)) return null
    const wallet = await repository.find(organizationId)
    return wallet === null ? null : { organizationId, wallet }
  }

  /** Whose money the actor may move, and what the posting says. */
  function movementOf(actor: Actor, kind: "credit" | "adjustment" | "refund", { organizationId, reason, idempotencyKey }: MovementInput) {
    if (!mayCredit(actor) || !isId("organization", organizationId)) return null
    const authorId = actor.kind === "program" ? null : actor.userId
    const stamp: PostingStamp = { kind, idempotencyKey: `${kind}:${organizationId}:${idempotencyKey}`, reason, authorId, managedBy: null, createdAt: new Date(clock.now()) }
    return { organizationId, stamp }
  }

  /** When promotional credit ends whose last day this is; null: never. */
  async function endOf(organizationId: Id<"organization">, lastDay: string | undefined): Promise<Result<Date | null, FeatureError>> {
    if (lastDay === undefined) return ok(null)
    const wallet = await repository.find(organizationId)
    if (wallet === null) return err(notFound)
    const endMs = endOfDay(lastDay, wallet.timeZone)
    return endMs > clock.now() ? ok(new Date(endMs)) : err({ kind: "invalid", key: "wallet.past", field: "lastDay" })
  }

  /** One page of a month, by the organization's calendar, and where the next one begins. */
  async function readStatement({ organizationId, wallet: { timeZone } }: NonNullable<Awaited<ReturnType<typeof findWallet>>>, month: string, after: PostingCursor | null, countMax: number) {
    // The 15th lies in the month in every time zone.
    const { startMs, endMs } = windowAt({ window: "month", windowSeconds: null, timeZone }, Date.parse(`${month}-15T00:00:00Z`))
    const toMs = endMs ?? startMs
    const { rows, ...sums } = await repository.statement(organizationId, { from: new Date(startMs), to: new Date(toMs), timeZone, after, countMax: countMax + 1 })
    let balance = sums.beforeNanoUsd
    const lines = rows.slice(0, countMax).map((row): StatementLine => ({ ...row, balanceNanoUsd: nanoUsd((balance += row.amountNanoUsd)) }))
    const last = lines.at(-1)
    const next = rows.length > countMax && last !== undefined ? { atMs: last.at.getTime(), id: last.id } : null
    return { ...sums, lines, next, isOver: toMs <= clock.now() }
  }

  return {
    mayCredit,
    maySeeWallet,

    /** Gives credit. The same idempotency key again changes nothing; with another amount it is a conflict. So it is for all movements. */
    async credit(actor: Actor, input: CreditInput): Promise<Result<null, FeatureError>> {
      const movement = movementOf(actor, "credit", input)
      if (movement === null) return err(notFound)
      const expiresAt = await endOf(movement.organizationId, input.kind === "promotional" ? input.lastDay : undefined)
      if (!expiresAt.ok) return expiresAt
      const promotional = input.kind === "paid" ? null : { expiresAt: expiresAt.value }
      return answer(await repository.systemCredit(movement.organizationId, { amountNanoUsd: input.amount, promotional, stamp: movement.stamp }, newId), input.amount)
    },

    /** Corrects a balance. Down: as far as nobody has used the credit or holds it, unless it is to fall below zero. */
    async adjust(actor: Actor, input: AdjustInput): Promise<Result<null, FeatureError>> {
      const movement = movementOf(actor, "adjustment", input)
      if (movement === null) return err(notFound)
      const { organizationId, stamp } = movement
      const { amount, kind, direction } = input
      if (direction === "up") return answer(await repository.systemCredit(organizationId, { amountNanoUsd: amount, promotional: kind === "paid" ? null : { expiresAt: null }, stamp }, newId), amount)
      const overdraw = input.overdraw && kind === "paid"
      return answer(await repository.systemTake(organizationId, { amountNanoUsd: amount, kind, overdraw, stamp }, newId), -amount)
    },

    /** Gives back what a call was charged, or a part of it: each nano-dollar once. The call's budgets go on counting it. */
    async refundCall(actor: Actor, input: RefundCallInput): Promise<Result<null, FeatureError>> {
      const movement = movementOf(actor, "refund", input)
      if (movement === null) return err(notFound)
      const { organizationId, stamp } = movement
      if (!isId("request", input.requestId)) return err(noSuchCall)
      const outcome = await repository.systemRefundCall(organizationId, { requestId: input.requestId, amountNanoUsd: input.amount ?? null, stamp }, newId)
      return outcome === null ? err(noSuchCall) : answer(outcome, input.amount ?? null, "wallet.beyondCall")
    },

    /** Writes down that paid credit was given back outside of these books. */
    async returnPaid(actor: Actor, input: ReturnPaidInput): Promise<Result<null, FeatureError>> {
      const movement = movementOf(actor, "refund", input)
      if (movement === null) return err(notFound)
      return answer(await repository.systemTake(movement.organizationId, { amountNanoUsd: input.amount, kind: "paid", overdraw: false, stamp: movement.stamp }, newId), -input.amount)
    },

    async balance(actor: Actor, organizationId: string): Promise<Result<WalletBalance | null, FeatureError>> {
      const found = await findWallet(actor, organizationId)
      if (found === null) return err(notFound)
      const { wallet } = found
      if (!wallet.hasWallet) return ok(null)
      return ok({
        creditedNanoUsd: nanoUsd(wallet.creditedNanoUsd),
        usedNanoUsd: nanoUsd(wallet.usedNanoUsd),
        heldNanoUsd: nanoUsd(wallet.heldNanoUsd),
        balanceNanoUsd: nanoUsd(wallet.creditedNanoUsd - wallet.usedNanoUsd),
        paidNanoUsd: nanoUsd(wallet.paidNanoUsd),
        promotionalNanoUsd: nanoUsd(wallet.promotionalNanoUsd),
        allowanceNanoUsd: nanoUsd(wallet.allowanceNanoUsd),
        lots: wallet.lots.map(lotView),
      })
    },

    /** What moved an organization's money, for the operator. `after`: a page's `next`; anything else begins at the newest. */
    async postings(actor: Actor, organizationId: string, { after, usage }: { readonly after: string | null; readonly usage: boolean }): Promise<Result<PostingPage, FeatureError>> {
      if (!mayCredit(actor) || !isId("organization", organizationId)) return err(notFound)
      const before = after === null ? null : decodePostingCursor(after)
      const rows = await repository.systemListPostings(organizationId, { before, usage, countMax: POSTINGS_PER_PAGE + 1 })
      const page = rows.slice(0, POSTINGS_PER_PAGE)
      const last = page.at(-1)
      return ok({ rows: page, next: rows.length > page.length && last !== undefined ? encodePostingCursor({ atMs: last.at.getTime(), id: last.id }) : null })
    },

    /** Calls that somebody may ask to have back: flagged ones, the newest first. `after`: a page's `next`; anything else begins at the newest. */
    async flaggedCalls(actor: Actor, organizationId: string, after: string | null): Promise<Result<FlaggedCallPage, FeatureError>> {
      if (!mayCredit(actor) || !isId("organization", organizationId)) return err(notFound)
      const rows = await repository.systemListFlagged(organizationId, { before: after === null ? null : decodeCursor(after), countMax: FLAGGED_CALLS_PER_PAGE + 1 })
      const calls = rows.slice(0, FLAGGED_CALLS_PER_PAGE)
      const last = calls.at(-1)
      return ok({ calls, next: rows.length > calls.length && last !== undefined ? encodeCursor({ admittedAtMs: last.at.getTime(), id: last.id }) : null })
    },

    /** One page of a month, by the organization's calendar. The month closes on what the next one opens with. `after`: a page's `next`. */
    async statement(actor: Actor, organizationId: string, month: string, after: string | null = null): Promise<Result<StatementPage, FeatureError>> {
      const found = await findWallet(actor, organizationId)
      if (found === null || !statementMonth.safeParse(month).success) return err(notFound)
      const { openingNanoUsd, beforeNanoUsd, closingNanoUsd, isContinued, lines, next, isOver } = await readStatement(found, month, after === null ? null : decodePostingCursor(after), STATEMENT_LINES_PER_PAGE)
      return ok({
        month,
        openingNanoUsd: nanoUsd(openingNanoUsd),
        beforeNanoUsd: nanoUsd(beforeNanoUsd),
        lines,
        closingNanoUsd: nanoUsd(closingNanoUsd),
        next: next === null ? null : encodePostingCursor(next),
        earlier: isContinued ? monthBeside(month, -1) : null,
        later: isOver ? monthBeside(month, 1) : null,
      })
    },

    /** The whole month as CSV, read a page at a time. */
    async statementCsv(actor: Actor, organizationId: string, month: string): Promise<Result<AsyncGenerator<string>, FeatureError>> {
      const found = await findWallet(actor, organizationId)
      if (found === null || !statementMonth.safeParse(month).success) return err(notFound)
      return ok(statementCsv(month, (after) => readStatement(found, month, after, EXPORTED_PER_PAGE)))
    },
  }
}

export type WalletService = ReturnType<typeof createWalletService>

/** `2026-12` and 1: `2027-01`. */
const monthBeside = (month: string, months: number): string => {
  const date = new Date(`${month}-15T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString().slice(0, 7)
}

const noSuchCall: FeatureError = { kind: "notFound", key: "wallet.noCall", field: "requestId" }
const keyReused: FeatureError = { kind: "conflict", key: "wallet.keyReused", field: "idempotencyKey" }

/** `asked`: what the posting was to do to the organization's money; null: whatever it came to. */
function answer(outcome: PostOutcome | null, asked: bigint | null, shortKey = "wallet.beyondWallet"): Result<null, FeatureError> {
  if (outcome === null) return err(notFound)
  if (outcome.outcome === "short") return err({ kind: "conflict", key: shortKey, field: "amount", params: { left: formatUsd(outcome.leftNanoUsd) } })
  return asked === null || outcome.amountNanoUsd === asked ? ok(null) : err(keyReused)
}

const lotView = ({ id, kind, expiresAt, ended, reason, amountNanoUsd, remainingNanoUsd }: LotRow): LotView => ({
  id,
  kind,
  expiresAt,
  ended,
  reason,
  amountNanoUsd: nanoUsd(amountNanoUsd),
  remainingNanoUsd: nanoUsd(remainingNanoUsd),
})
