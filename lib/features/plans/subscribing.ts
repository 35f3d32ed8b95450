import type { Actor } from "#lib/kernel/actor.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { periodAt } from "./periods.ts"
import { dueOf, type PlanTerms, prorate } from "./proration.ts"
import type { EventRow, PlanRow, SubscriptionBooks, SubscriptionRow } from "./repository.ts"

/** Somebody's change of one organization's subscription, inside the transaction in which it happens. */
export type Change = { readonly books: SubscriptionBooks; readonly organizationId: Id<"organization">; readonly actor: Actor; readonly now: Date }

/** What a change of plan would come to: allowance and money for the rest of the present period, and for a new one that begins. */
export type Preview = {
  readonly continues: boolean
  readonly allowanceNanoUsd: bigint
  readonly dueNanoUsd: bigint
  readonly newPeriod: { readonly endsAt: Date; readonly allowanceNanoUsd: bigint; readonly dueNanoUsd: bigint } | null
}

const termsOf = ({ period, priceNanoUsd, allowanceNanoUsd }: PlanRow): PlanTerms => ({ period, priceNanoUsd, allowanceNanoUsd: allowanceNanoUsd ?? 0n })
const boundsOf = ({ periodStart, periodEnd }: SubscriptionRow) => ({ startMs: periodStart.getTime(), endMs: periodEnd.getTime() })

const stampOf = ({ actor, now }: Change) => ({
  at: now,
  authorId: actor.kind === "program" ? null : actor.userId,
  managedBy: actor.kind === "program" ? actor.file : null,
})

/** Says what `changePlan` would do at this moment, if all of the allowance can be taken back that has to be. Changes nothing. */
export async function preview(change: Change, planId: string): Promise<Result<Preview, FeatureError>> {
  const { books, now } = change
  const plan = await books.plan(planId)
  if (plan === null) return err(notFound)
  const terms = termsOf(plan)
  const old = books.current === null ? null : prorate(books.current, boundsOf(books.current), terms, now.getTime())
  const { endMs } = periodAt({ anchorMs: now.getTime(), period: plan.period, timeZone: books.timeZone }, now.getTime())
  const newPeriod = old?.continues === true ? null : { endsAt: new Date(endMs), allowanceNanoUsd: terms.allowanceNanoUsd, dueNanoUsd: terms.priceNanoUsd }
  return ok({ continues: old?.continues ?? false, allowanceNanoUsd: old?.allowanceNanoUsd ?? 0n, dueNanoUsd: old?.dueNanoUsd ?? 0n, newPeriod })
}

/**
 * Puts the organization on a plan. In the middle of a period of the same length the period goes on, with the difference for its rest;
 * otherwise a period of the new plan begins now. False: it was on the plan already and goes on with it.
 */
export async function changePlan(change: Change, planId: string): Promise<Result<boolean, FeatureError>> {
  const { books, actor } = change
  const plan = await books.plan(planId)
  if (plan === null) return err(notFound)
  const managedBy = actor.kind === "program" ? actor.file : null
  const { current } = books
  if (current?.planId === plan.id) {
    if (current.renews && current.managedBy === managedBy) return ok(false)
    await books.save({ ...current, renews: true, managedBy })
    return ok(true)
  }
  if (plan.archivedAt !== null) return err({ kind: "conflict", key: "plans.archived", field: "planId", params: { name: plan.name } })
  if (current === null) await beginPeriod(change, plan, change.now, "started")
  else if (current.period === plan.period) await continuePeriod(change, current, plan)
  else {
    await endNow(change, current, plan)
    await beginPeriod(change, plan, change.now, "started")
  }
  await books.limit(plan, change.now)
  return ok(true)
}

/** Begins a period of a plan that counts from `anchorAt`: the one in which the change happens. */
async function beginPeriod(change: Change, plan: PlanRow, anchorAt: Date, kind: "started" | "renewed", managedBy = stampOf(change).managedBy): Promise<void> {
  const { books, organizationId, now } = change
  const { startMs, endMs } = periodAt({ anchorMs: anchorAt.getTime(), period: plan.period, timeZone: books.timeZone }, now.getTime())
  const [periodStart, periodEnd] = [new Date(startMs), new Date(endMs)]
  const { allowanceNanoUsd, priceNanoUsd } = termsOf(plan)
  const idempotencyKey = `allowance:${organizationId}:${plan.id}:${periodStart.toISOString()}`
  const granted = await books.grant({ amountNanoUsd: allowanceNanoUsd, at: now, periodStart, periodEnd, idempotencyKey, reason: plan.name, managedBy: null })
  await books.save({ organizationId, planId: plan.id, anchorAt, periodStart, periodEnd, period: plan.period, allowanceNanoUsd, priceNanoUsd, renews: true, managedBy })
  if (granted) await books.record({ ...stampOf(change), kind, planId: plan.id, fromPlanId: null, periodStart, periodEnd, dueNanoUsd: priceNanoUsd, allowanceNanoUsd })
}

async function continuePeriod(change: Change, current: SubscriptionRow, plan: PlanRow): Promise<void> {
  const { books, organizationId, now } = change
  const terms = termsOf(plan)
  const difference = prorate(current, boundsOf(current), terms, now.getTime())
  const { periodStart, periodEnd } = current
  const reason = plan.name
  let givenNanoUsd = difference.allowanceNanoUsd
  if (givenNanoUsd > 0n) {
    const idempotencyKey = `allowance:${organizationId}:${plan.id}:${now.toISOString()}`
    await books.grant({ amountNanoUsd: givenNanoUsd, at: now, periodStart, periodEnd, idempotencyKey, reason, managedBy: null })
  } else givenNanoUsd = -(await books.takeBack({ byNanoUsd: -givenNanoUsd, at: now, periodStart, reason }))
  const stamp = stampOf(change)
  await books.save({ ...current, planId: plan.id, allowanceNanoUsd: terms.allowanceNanoUsd, priceNanoUsd: terms.priceNanoUsd, renews: true, managedBy: stamp.managedBy })
  await books.record({ ...stamp, kind: "changed", planId: plan.id, fromPlanId: current.planId, periodStart, periodEnd, dueNanoUsd: dueOf(difference, -givenNanoUsd), allowanceNanoUsd: givenNanoUsd })
}

/** Ends the present period: the allowance of its rest is taken back, and what was given for the time that is past stays until it would have ended. */
async function endNow(change: Change, current: SubscriptionRow, next: PlanRow | null): Promise<void> {
  const { books, now } = change
  const { periodStart, periodEnd } = current
  const rest = prorate(current, boundsOf(current), null, now.getTime())
  const takenNanoUsd = await books.takeBack({ byNanoUsd: -rest.allowanceNanoUsd, at: now, periodStart, reason: next?.name ?? "" })
  const event: EventRow = { ...stampOf(change), kind: "ended", planId: next?.id ?? null, fromPlanId: current.planId, periodStart, periodEnd, dueNanoUsd: dueOf(rest, takenNanoUsd), allowanceNanoUsd: -takenNanoUsd }
  await books.record(event)
}

/** Takes the organization off its plan: with the period's end, or at once. */
export async function leavePlan(change: Change, when: "periodEnd" | "now"): Promise<Result<null, FeatureError>> {
  const { books, now } = change
  const { current } = books
  if (current === null) return err(notFound)
  if (when === "periodEnd") await books.save({ ...current, renews: false })
  else {
    await endNow(change, current, null)
    await books.remove()
    await books.limit(null, now)
  }
  return ok(null)
}

/** What the next period counts from: a plan whose period has another length by now counts from the end of the old one. */
export const anchorOfNext = (current: Pick<SubscriptionRow, "period" | "anchorAt" | "periodEnd">, plan: Pick<PlanRow, "period">): Date => (plan.period === current.period ? current.anchorAt : current.periodEnd)

/** Begins the period in which `now` lies, or ends the subscription that was not to go on. Periods that passed meanwhile are not made up for. */
export async function renew(change: Change): Promise<boolean> {
  const { books, now } = change
  const { current } = books
  if (current === null || current.periodEnd > now) return false
  const plan = current.renews ? await books.plan(current.planId) : null
  if (plan === null) {
    await books.remove()
    await books.limit(null, now)
    const { periodStart, periodEnd, planId } = current
    await books.record({ ...stampOf(change), kind: "ended", planId: null, fromPlanId: planId, periodStart, periodEnd, dueNanoUsd: 0n, allowanceNanoUsd: 0n })
    return true
  }
  await beginPeriod(change, plan, anchorOfNext(current, plan), "renewed", current.managedBy)
  return true
}
