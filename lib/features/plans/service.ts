import type { ModelsService } from "#lib/features/models/index.ts"
import type { Actor } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { mayChange, mayManagePlans, maySeeSubscription } from "./policy.ts"
import { PLANS_MAX, type PlanRow, type PlansRepository } from "./repository.ts"
import type { LeaveInput, PlanInput, SubscribeInput } from "./schema.ts"
import { type Change, changePlan, leavePlan, preview, renew } from "./subscribing.ts"
import { type PlanDetail, type SubscriptionDetail, viewSubscription, type PlanSummary } from "./views.ts"

/** The rest of a midnight at which more begins anew is found by the next rounds. */
const RENEWALS_PER_ROUND_MAX = 200

export type PlansDependencies = {
  readonly repository: PlansRepository
  readonly models: Pick<ModelsService, "reconcileOwnPrice" | "ownPrices">
  readonly clock: Clock
  readonly newId: NewId
}

/** Plans, and which organization is on which. Nothing is collected here: what is due stands in the subscription's events. */
export function createPlansService({ repository, models, clock, newId }: PlansDependencies) {
  async function find(actor: Actor, planId: string): Promise<Result<PlanRow, FeatureError>> {
    if (!mayManagePlans(actor) || !isId("plan", planId)) return err(notFound)
    const plan = await repository.systemFind(planId)
    return plan === null ? err(notFound) : ok(plan)
  }

  async function findToChange(actor: Actor, planId: string): Promise<Result<PlanRow, FeatureError>> {
    const found = await find(actor, planId)
    return found.ok && !mayChange(actor, found.value.managedBy) ? err(managed(found.value.managedBy)) : found
  }

  /** Writes the plan and what single models cost on it. The value says whether anything changed. */
  async function write(actor: Actor, id: Id<"plan">, before: PlanRow | null, input: PlanInput): Promise<Result<boolean, FeatureError>> {
    const row = rowOf(id, input, actor.kind === "program" ? actor.file : null, before?.archivedAt ?? null)
    let changed = before === null || !isSame(before, row)
    if (changed && !(await repository.systemWrite(row, new Date(clock.now())))) return err({ kind: "conflict", key: "plans.nameTaken", field: "name" })
    // A form does not say what single models cost: those prices stay.
    if (actor.kind === "program") {
      const wanted = new Set((input.models ?? []).map((model) => model.name))
      const dropped = (await models.ownPrices(actor, { planId: id })).filter(({ model }) => !wanted.has(model)).map(({ model }) => ({ name: model }))
      for (const model of [...(input.models ?? []), ...dropped]) if (await models.reconcileOwnPrice(actor, { planId: id }, model)) changed = true
    }
    return ok(changed)
  }

  /** An operator's or a file's change of one organization's plan. */
  async function changeSubscription<T>(actor: Actor, organizationId: string, work: (change: Change) => Promise<Result<T, FeatureError>>): Promise<Result<T, FeatureError>> {
    if (!mayManagePlans(actor) || !isId("organization", organizationId)) return err(notFound)
    const now = new Date(clock.now())
    const changed = await repository.systemChange(organizationId, async (books) =>
      mayChange(actor, books.current?.managedBy ?? null) ? work({ books, organizationId, actor, now }) : err(managed(books.current?.managedBy ?? null)),
    )
    return changed ?? err(notFound)
  }

  return {
    mayManagePlans,

    async list(actor: Actor): Promise<Result<readonly PlanSummary[], FeatureError>> {
      return mayManagePlans(actor) ? ok(await repository.systemList()) : err(notFound)
    },

    async get(actor: Actor, planId: string): Promise<Result<PlanDetail, FeatureError>> {
      const found = await find(actor, planId)
      if (!found.ok) return found
      return ok({ ...found.value, prices: await models.ownPrices(actor, { planId }) })
    },

    async create(actor: Actor, input: PlanInput): Promise<Result<{ readonly planId: Id<"plan"> }, FeatureError>> {
      if (!mayManagePlans(actor)) return err(notFound)
      if ((await repository.systemList()).length >= PLANS_MAX) return err({ kind: "conflict", key: "plans.tooMany", params: { maximum: PLANS_MAX } })
      const planId = newId("plan")
      const written = await write(actor, planId, null, input)
      return written.ok ? ok({ planId }) : written
    },

    /** What it costs and gives holds from each subscriber's next period on; which models, at which prices and limits, at once. */
    async update(actor: Actor, planId: string, input: PlanInput): Promise<Result<null, FeatureError>> {
      const found = await findToChange(actor, planId)
      if (!found.ok) return found
      const written = await write(actor, found.value.id, found.value, input)
      return written.ok ? ok(null) : written
    },

    /** Whoever is on an archived plan stays on it; nobody else gets it. */
    async setArchived(actor: Actor, planId: string, archived: boolean): Promise<Result<null, FeatureError>> {
      const found = await findToChange(actor, planId)
      if (!found.ok) return found
      await repository.systemSetArchived(found.value.id, archived ? new Date(clock.now()) : null)
      return ok(null)
    },

    /** Brings a plan, found by its name, to what a file says of it. What the file does not say of it is gone from it. */
    async reconcile(actor: Actor & { readonly kind: "program" }, input: PlanInput): Promise<Result<"created" | "updated" | "unchanged", FeatureError>> {
      const before = await repository.systemFindByName(input.name)
      const written = await write(actor, before?.id ?? newId("plan"), before, input)
      if (!written.ok) return written
      return ok(before === null ? "created" : written.value ? "updated" : "unchanged")
    },

    /** What a change of plan would come to now. */
    preview: (actor: Actor, { organizationId, planId }: SubscribeInput) => changeSubscription(actor, organizationId, (change) => preview(change, planId)),

    /** Puts an organization on a plan, at once; one that it is on already goes on. */
    subscribe: (actor: Actor, { organizationId, planId }: SubscribeInput): Promise<Result<boolean, FeatureError>> =>
      changeSubscription(actor, organizationId, (change) => changePlan(change, planId)),

    /** The same by the plan's name, for a file. The value says whether anything changed. */
    async subscribeByName(actor: Actor & { readonly kind: "program" }, organizationId: string, name: string): Promise<Result<boolean, FeatureError>> {
      const plan = await repository.systemFindByName(name)
      if (plan === null) return err({ kind: "invalid", key: "plans.unknown", field: "plan", params: { name } })
      return changeSubscription(actor, organizationId, (change) => changePlan(change, plan.id))
    },

    /**
     * A file says nothing of the organization's plan any more: it stays on it, and people may change that. The value says whether the file
     * had put it there.
     */
    release: (actor: Actor & { readonly kind: "program" }, organizationId: string): Promise<Result<boolean, FeatureError>> =>
      changeSubscription(actor, organizationId, async ({ books: { current, save } }) => {
        if (current === null || current.managedBy === null || current.managedBy !== actor.file) return ok(false)
        await save({ ...current, managedBy: null })
        return ok(true)
      }),

    leave: (actor: Actor, { organizationId, when }: LeaveInput): Promise<Result<null, FeatureError>> =>
      changeSubscription(actor, organizationId, (change) => leavePlan(change, when)),

    /** The plan that an organization is on, and its allowance; null: none. */
    async subscription(actor: Actor, organizationId: string): Promise<Result<SubscriptionDetail | null, FeatureError>> {
      if (!isId("organization", organizationId) || !maySeeSubscription(actor, organizationId)) return err(notFound)
      const found = await repository.findSubscription(organizationId)
      return ok(found === null ? null : viewSubscription(found))
    },

    async events(actor: Actor, organizationId: string) {
      if (!mayManagePlans(actor) || !isId("organization", organizationId)) return err(notFound)
      return ok(await repository.systemListEvents(organizationId))
    },

    /** One round of the worker: begins the periods that are due. Any number of processes may do so at once. Says whose. */
    async runRound(): Promise<readonly Id<"organization">[]> {
      const now = new Date(clock.now())
      const due = await repository.systemListDue(now, RENEWALS_PER_ROUND_MAX)
      const begun: Id<"organization">[] = []
      for (const organizationId of due) {
        if (await repository.systemChange(organizationId, (books) => renew({ books, organizationId, actor: { kind: "program", file: null }, now }))) begun.push(organizationId)
      }
      return begun
    },
  }
}

export type PlansService = ReturnType<typeof createPlansService>

const managed = (file: string | null): FeatureError => ({ kind: "managed", key: "managed", params: { file: file ?? "" } })

function rowOf(id: Id<"plan">, { name, price, allowance, markup, models, limits }: PlanInput, managedBy: string | null, archivedAt: Date | null): PlanRow {
  return {
    id,
    name,
    priceNanoUsd: price.amount,
    period: price.period,
    allowanceNanoUsd: allowance ?? null,
    markupPpm: markup ?? null,
    models: (models ?? []).map((model) => model.name),
    requestsPerMinute: limits?.requestsPerMinute ?? null,
    tokensPerMinute: limits?.tokensPerMinute ?? null,
    concurrent: limits?.concurrent ?? null,
    managedBy,
    archivedAt,
  }
}

const compared = ["name", "priceNanoUsd", "period", "allowanceNanoUsd", "markupPpm", "requestsPerMinute", "tokensPerMinute", "concurrent", "managedBy"] as const satisfies readonly (keyof PlanRow)[]

const isSame = (a: PlanRow, b: PlanRow): boolean => compared.every((field) => a[field] === b[field]) && a.models.length === b.models.length && a.models.every((model, index) => model === b.models[index])
