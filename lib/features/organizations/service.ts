import type { Actor, Member, Person } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { slugOf } from "#lib/kernel/slug.ts"
import { mayCreateOrganization, mayManageAllOrganizations, mayManageOrganization } from "./policy.ts"
import type { OrganizationChange, OrganizationKind, OrganizationRow, OrganizationsRepository } from "./repository.ts"

export const ORGANIZATIONS_PER_PAGE = 100
/** Keeps somebody on an open installation from filling it with empty tenants. */
export const OWN_ORGANIZATIONS_MAX = 20

export type OrganizationsDependencies = {
  readonly repository: OrganizationsRepository
  readonly clock: Clock
  readonly newId: NewId
  /** TURNPIKE_SIGNUP. */
  readonly signUp: "closed" | "invitation" | "open"
}

/** What a tenant's settings page may know. */
export type OrganizationSettings = Pick<OrganizationRow, "name" | "slug" | "timeZone" | "storesResponses"> & { readonly managedBy: string | null }

export type OrganizationSummary = OrganizationRow & {
  readonly members: number
  readonly keys: number
  /** Charged in the last 30 days. */
  readonly spentNanoUsd: bigint
  /** Null: no wallet, and so no wallet limit. */
  readonly walletNanoUsd: bigint | null
}

const SPENT_MS = 30 * 86_400_000

/** Tenants: making, naming and listing them; for the operator, all of them. */
export function createOrganizationsService({ repository, clock, newId, signUp }: OrganizationsDependencies) {
  async function insert(owner: Person | Member, input: { readonly name: string; readonly timeZone: string }, kind: OrganizationKind): Promise<string> {
    const id = newId("organization")
    return repository.systemInsert({
      id,
      slug: slugOf(input.name, id.slice(-8).toLowerCase()),
      name: input.name,
      kind,
      timeZone: input.timeZone,
      createdAt: new Date(clock.now()),
      // Customers pay before they spend; internal organizations have no wallet limit until they are given credit.
      walletQuotaId: kind === "customer" ? newId("quota") : null,
      owner: { membershipId: newId("membership"), userId: owner.userId },
    })
  }

  async function find(actor: Actor, organizationId: string): Promise<Result<OrganizationRow, FeatureError>> {
    if (!mayManageAllOrganizations(actor) || !isId("organization", organizationId)) return err(notFound)
    const row = await repository.systemFind(organizationId)
    return row === null ? err(notFound) : ok(row)
  }

  /** The organization that an operator's action changes. */
  async function findForOperator(actor: Actor, organizationId: string): Promise<Result<OrganizationRow, FeatureError>> {
    const found = await find(actor, organizationId)
    if (!found.ok) return found
    const { managedBy } = found.value
    return managedBy !== null && actor.kind !== "program" ? err(managed(managedBy)) : found
  }

  return {
    mayCreate: (actor: Person | Member): boolean => mayCreateOrganization(actor, signUp),

    /** A self-registered organization: a customer whose wallet begins at 0. The value is its slug. */
    async create(actor: Person, input: { readonly name: string; readonly timeZone: string }): Promise<Result<{ readonly slug: string }, FeatureError>> {
      if (!mayCreateOrganization(actor, signUp)) return err(notFound)
      const own = await repository.systemListOfPerson(actor.userId)
      if (!actor.isOperator && own.length >= OWN_ORGANIZATIONS_MAX) return err({ kind: "conflict", key: "organization.tooMany", params: { maximum: OWN_ORGANIZATIONS_MAX } })
      return ok({ slug: await insert(actor, input, actor.isOperator ? "internal" : "customer") })
    },

    /** An organization that the operator makes, of either kind, and owns at first. */
    async createByOperator(actor: Person, input: { readonly name: string; readonly timeZone: string; readonly kind: OrganizationKind }): Promise<Result<{ readonly slug: string }, FeatureError>> {
      if (!mayManageAllOrganizations(actor)) return err(notFound)
      return ok({ slug: await insert(actor, input, input.kind) })
    },

    /** What the switcher shows: the organizations that the person can enter, by name. */
    listMine: (actor: Person | Member): Promise<readonly { readonly slug: string; readonly name: string }[]> => repository.systemListOfPerson(actor.userId),

    async settings(actor: Member): Promise<Result<OrganizationSettings, FeatureError>> {
      if (!mayManageOrganization(actor)) return err(notFound)
      const row = await repository.find(actor.organizationId)
      return row === null ? err(notFound) : ok({ name: row.name, slug: row.slug, timeZone: row.timeZone, storesResponses: row.storesResponses, managedBy: row.managedBy })
    },

    /** Renames it, sets its time zone and whether answers are kept. The slug stays, since links and scripts hold it. */
    async update(actor: Member, input: OrganizationChange): Promise<Result<null, FeatureError>> {
      if (!mayManageOrganization(actor)) return err(notFound)
      const row = await repository.find(actor.organizationId)
      if (row === null) return err(notFound)
      if (row.managedBy !== null) return err(managed(row.managedBy))
      await repository.update(actor.organizationId, { name: input.name, timeZone: input.timeZone, storesResponses: input.storesResponses })
      return ok(null)
    },

    /** One organization, as the operator sees it. */
    get: find,

    /** All organizations, the newest first, 100 at a time; `after` is the last one's id of the page before, `search` a name, a slug or a member's address. */
    async listAll(actor: Actor, after: Id<"organization"> | null = null, search = ""): Promise<Result<readonly OrganizationSummary[], FeatureError>> {
      if (!mayManageAllOrganizations(actor)) return err(notFound)
      const rows = await repository.systemListAll(ORGANIZATIONS_PER_PAGE, after, search)
      const money = await repository.systemReadMoney(rows.map((row) => row.id), new Date(clock.now() - SPENT_MS))
      const byId = new Map(money.map((row) => [row.id, row]))
      return ok(rows.map((row) => ({ ...row, spentNanoUsd: byId.get(row.id)?.spentNanoUsd ?? 0n, walletNanoUsd: byId.get(row.id)?.walletNanoUsd ?? null })))
    },

    /** Decides which channels serve it: a customer is kept from channels that may not be resold. */
    async setKind(actor: Actor, input: { readonly organizationId: string; readonly kind: OrganizationKind }): Promise<Result<null, FeatureError>> {
      const found = await findForOperator(actor, input.organizationId)
      if (!found.ok) return found
      await repository.systemUpdate(found.value.id, { kind: input.kind })
      return ok(null)
    },

    /** A disabled organization can be neither entered nor served. */
    async setDisabled(actor: Actor, input: { readonly organizationId: string; readonly disabled: boolean }): Promise<Result<null, FeatureError>> {
      const found = await findForOperator(actor, input.organizationId)
      if (!found.ok) return found
      await repository.systemUpdate(found.value.id, { disabledAt: input.disabled ? new Date(clock.now()) : null })
      return ok(null)
    },
  }
}

const managed = (file: string): FeatureError => ({ kind: "managed", key: "managed", params: { file } })

export type OrganizationsService = ReturnType<typeof createOrganizationsService>
