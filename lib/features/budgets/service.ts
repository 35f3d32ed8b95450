import { type Forecast, forecastLimit, paceOf, type RecentSpend, type UsageService } from "#lib/features/usage/index.ts"
import type { Member, Role } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { windowAt } from "#lib/quota/windows.ts"
import { mayChangeBudget, maySeeAllBudgets, maySetMemberDefault } from "./policy.ts"
import { BUDGET_ROWS_MAX, type BudgetRow, type BudgetsRepository, limitsOf, readBudget, readMemberDefault, type Transaction, writeBudget, writeMemberBudget, writeMemberDefault } from "./repository.ts"
import type { Budget, BudgetPeriod, BudgetScope } from "./schema.ts"

/** A budget and where it stands in its current window. Amounts are decimal strings of nano-USD: they travel to the browser. */
export type BudgetState = {
  readonly period: BudgetPeriod
  readonly amountNanoUsd: string
  readonly usedNanoUsd: string
  /** Reserved by calls that are running, or leased by a gateway process for the next ones. */
  readonly heldNanoUsd: string
  readonly leftNanoUsd: string
  /** Epoch milliseconds; null where the period never ends. */
  readonly resetsAtMs: number | null
  /** True where it is the organization's default for members. */
  readonly inherited: boolean
  /** The file that manages it; it is then read-only. */
  readonly managedBy: string | null
}

/** Something that has a budget or could have one. */
export type BudgetLine = {
  readonly scope: BudgetScope
  readonly scopeId: string
  readonly name: string
  /** A member's e-mail or a key's owner, where that says more than the name. */
  readonly note: string | null
  readonly role: Role | null
  readonly budget: BudgetState | null
  /** Where the budget will stand at the present pace; null where there is too little to go by. */
  readonly forecast: Forecast | null
  readonly mayChange: boolean
}

export type BudgetOverview = {
  readonly organization: BudgetLine | null
  readonly memberDefault: { readonly period: BudgetPeriod; readonly amountNanoUsd: string } | null
  readonly mayChangeDefault: boolean
  readonly projects: readonly BudgetLine[]
  readonly members: readonly BudgetLine[]
  /** Those that have a budget. */
  readonly keys: readonly BudgetLine[]
  /** True where a list was cut at `BUDGET_ROWS_MAX`. */
  readonly isCut: boolean
}

type Target = { readonly scope: BudgetScope; readonly scopeId: string }

export function createBudgetsService(deps: {
  readonly repository: BudgetsRepository
  readonly usage: Pick<UsageService, "recentSpend">
  readonly clock: Clock
  readonly newId: NewId
}) {
  const { repository, usage, clock, newId } = deps
  const stamp = () => ({ quotaId: newId("quota"), now: new Date(clock.now()), managedBy: null })

  /** Where each budget stands now, by `scope scopeId`. */
  async function states(member: Member, rows: readonly BudgetRow[]): Promise<ReadonlyMap<string, BudgetState>> {
    const windows = rows.map((row) => ({ row, ...windowAt({ window: row.budget.period, windowSeconds: null, timeZone: member.timeZone }, clock.now()) }))
    const use = await repository.use(member.organizationId, windows.map(({ row, startMs }) => ({ quotaId: row.quotaId, start: new Date(startMs) })))
    return new Map(windows.map(({ row, endMs }) => [`${row.scope} ${row.scopeId}`, toState(row, use.get(row.quotaId), endMs)]))
  }

  /** Refuses what the actor may not see or change, and what a file manages. */
  async function change(actor: Member, target: Target, write: (transaction: Transaction) => Promise<void>): Promise<Result<null, FeatureError>> {
    const found = await repository.findTarget(actor.organizationId, target)
    const ownKey = target.scope === "key" && found?.membershipId === actor.membershipId
    if (found === null || !mayChangeBudget(actor, target.scope, ownKey)) return err(notFound)
    return repository.transaction(actor.organizationId, async (transaction): Promise<Result<null, FeatureError>> => {
      const row = await readBudget(transaction, actor.organizationId, target)
      if (row !== null && row.managedBy !== null) return err(managed(row.managedBy))
      await write(transaction)
      return ok(null)
    })
  }

  return {
    /** Budgets with what is used, held and left in their current window: all of them, or the actor's own. */
    async list(actor: Member): Promise<BudgetOverview> {
      const all = maySeeAllBudgets(actor)
      const listed = await repository.list(actor.organizationId, all ? null : actor.membershipId)
      const [state, spend] = await Promise.all([states(actor, listed.budgets), listed.budgets.length === 0 ? noSpend : usage.recentSpend(actor)])
      const line = (scope: BudgetScope, scopeId: string, name: string, note: string | null, role: Role | null, ownKey: boolean): BudgetLine => ({
        scope,
        scopeId,
        name,
        note,
        role,
        budget: state.get(`${scope} ${scopeId}`) ?? null,
        forecast: forecastBudget(state.get(`${scope} ${scopeId}`), spend.get(`${scope} ${scopeId}`), clock.now()),
        mayChange: mayChangeBudget(actor, scope, ownKey),
      })
      const { budget: memberDefault, managedBy } = listed.memberDefault
      return {
        organization: all ? line("organization", actor.organizationId, actor.organizationName, null, null, false) : null,
        memberDefault: memberDefault && { period: memberDefault.period, amountNanoUsd: memberDefault.amount.toString() },
        mayChangeDefault: maySetMemberDefault(actor) && managedBy === null,
        projects: listed.projects.slice(0, BUDGET_ROWS_MAX).map(({ id, name }) => line("project", id, name, null, null, false)),
        members: listed.members.slice(0, BUDGET_ROWS_MAX).map(({ id, role, user }) => line("member", id, user.name ?? user.email, user.name === null ? null : user.email, role, false)),
        keys: oncePerScope(
          listed.keys
            .slice(0, BUDGET_ROWS_MAX)
            .map((key) => line("key", limitsOf(key), key.name, key.membership && (key.membership.user.name ?? key.membership.user.email), null, key.membershipId === actor.membershipId)),
        ).filter(({ budget }) => budget !== null),
        isCut: [listed.projects, listed.members, listed.keys].some((rows) => rows.length > BUDGET_ROWS_MAX),
      }
    },

    /** Where the budgets of these keys stand, by key id; the caller has checked that the actor may see them. */
    async ofKeys(actor: Member, scopeIds: readonly string[]): Promise<ReadonlyMap<string, BudgetState>> {
      const rows = await repository.ofKeys(actor.organizationId, scopeIds)
      const state = await states(actor, rows)
      return new Map(rows.flatMap(({ scopeId }) => [[scopeId, state.get(`key ${scopeId}`)] as const]).filter((entry): entry is [string, BudgetState] => entry[1] !== undefined))
    },

    /** Sets the budget of the organization, a project, a member or a key. It counts what is spent from now on. */
    set: (actor: Member, { scope, scopeId, budget }: Target & { readonly budget: Budget }): Promise<Result<null, FeatureError>> =>
      change(actor, { scope, scopeId }, (transaction) => writeBudget(transaction, actor.organizationId, { scope, scopeId }, budget, stamp())),

    /** Takes a budget away; a member falls back to the organization's default. */
    remove: (actor: Member, { scope, scopeId }: Target): Promise<Result<null, FeatureError>> =>
      change(actor, { scope, scopeId }, (transaction) =>
        scope === "member"
          ? writeMemberBudget(transaction, actor.organizationId, scopeId as Id<"membership">, null, stamp())
          : writeBudget(transaction, actor.organizationId, { scope, scopeId }, null, stamp()),
      ),

    /** Sets the budget of every member who has none of their own, present and future; without `budget` they have none. */
    async setMemberDefault(actor: Member, { budget }: { readonly budget?: Budget | undefined }): Promise<Result<null, FeatureError>> {
      if (!maySetMemberDefault(actor)) return err(notFound)
      return repository.transaction(actor.organizationId, async (transaction): Promise<Result<null, FeatureError>> => {
        const { managedBy } = await readMemberDefault(transaction, actor.organizationId)
        if (managedBy !== null) return err(managed(managedBy))
        await writeMemberDefault(transaction, actor.organizationId, budget ?? null, { now: new Date(clock.now()), quotaId: () => newId("quota") })
        return ok(null)
      })
    },
  }
}

export type BudgetsService = ReturnType<typeof createBudgetsService>

const noSpend: ReadonlyMap<string, RecentSpend> = new Map()

/** A day is like the one before it; a longer period is foretold from a week. */
function forecastBudget(budget: BudgetState | undefined, spend: RecentSpend | undefined, nowMs: number): Forecast | null {
  if (budget === undefined || spend === undefined) return null
  const pace = paceOf(spend, budget.period === "day" ? "day" : "week", nowMs)
  return pace === null ? null : forecastLimit({ used: BigInt(budget.usedNanoUsd), limit: BigInt(budget.amountNanoUsd), endMs: budget.resetsAtMs }, pace, nowMs)
}

/** During a rotation two keys share a budget. */
const oncePerScope = (lines: readonly BudgetLine[]): readonly BudgetLine[] => [...new Map(lines.map((line) => [line.scopeId, line])).values()]

const managed = (file: string): FeatureError => ({ kind: "managed", key: "managed", params: { file } })

function toState(row: BudgetRow, use: { readonly used: bigint; readonly leased: bigint } | undefined, endMs: number | null): BudgetState {
  const { amount, period } = row.budget
  const [used, held] = [use?.used ?? 0n, use?.leased ?? 0n]
  const left = amount - used - held
  return {
    period,
    amountNanoUsd: amount.toString(),
    usedNanoUsd: used.toString(),
    heldNanoUsd: held.toString(),
    leftNanoUsd: (left > 0n ? left : 0n).toString(),
    resetsAtMs: endMs,
    inherited: row.inherited,
    managedBy: row.managedBy,
  }
}
