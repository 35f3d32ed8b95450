import type { Budget, BudgetScope } from "#lib/features/budgets/index.ts"
import type { Program } from "#lib/kernel/actor.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { formatUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { slugOf } from "#lib/kernel/slug.ts"
import type { Path } from "./document.ts"
import type { ApplyScope, ApplyTools } from "./ports.ts"
import { Refusal } from "./refusal.ts"
import type { Reporter } from "./report.ts"
import type { BudgetOfFile, OrganizationOfFile } from "./schema.ts"

/** What every part of an organization is brought about with. */
export type Applying = ApplyTools & {
  readonly scope: ApplyScope
  readonly reporter: Reporter
  /** What rows are marked with. */
  readonly file: string
}

/** The organization a part belongs to, and where it stands in the file. */
export type Place = { readonly organizationId: Id<"organization">; readonly organization: string; readonly path: Path }

const TIME_ZONE = "UTC"

export const programOf = ({ file }: Applying): Program => ({ kind: "program", file })

/** Another feature's refusal, at the field that it names. */
export const refused = (path: Path, error: FeatureError): Refusal => new Refusal(error.field === undefined ? path : [...path, ...error.field.split(".")], error)

export const stampOf = ({ clock, newId, file }: Applying) => ({ now: new Date(clock.now()), managedBy: file, quotaId: () => newId("quota") })

export const budgetText = (budget: Budget | null): string => (budget === null ? "none" : `$${formatUsd(budget.amount)} (${budget.period})`)

/** Makes the organization, or brings it to what the file says of it itself; members, projects and keys come after. */
export async function applyOrganization(applying: Applying, wanted: OrganizationOfFile, path: Path): Promise<Place> {
  const { scope, reporter, clock, newId, file } = applying
  const what = `organization ${wanted.name}`
  const found = await findOrganization(applying, wanted, path)
  const row = {
    name: wanted.name,
    kind: wanted.kind ?? found?.kind ?? "internal",
    timeZone: wanted.timeZone ?? found?.timeZone ?? TIME_ZONE,
    storesResponses: wanted.storesResponses ?? found?.storesResponses ?? true,
    managedBy: file,
  }
  const organizationId = (found?.id ?? newId("organization")) as Id<"organization">
  const changes: string[] = []
  if (found === undefined) await scope.repository.systemInsertOrganization(organizationId, slugOf(wanted.name, "organization"), row, new Date(clock.now()))
  else {
    for (const field of ["kind", "timeZone", "storesResponses"] as const) if (found[field] !== row[field]) changes.push(`${field} ${found[field]} → ${row[field]}`)
    if (found.managedBy !== file) changes.push(`managed by ${found.managedBy ?? "nobody"} → ${file}`)
    if (changes.length > 0) await scope.repository.updateOrganization(organizationId, row)
  }
  changes.push(...(await applyCredit(applying, organizationId, wanted, found?.hasWallet ?? false)))
  changes.push(...(await applyPlan(applying, organizationId, wanted.plan, path)))
  changes.push(...(await applyMemberDefault(applying, organizationId, wanted.memberBudget)))
  changes.push(...(await applyBudget(applying, organizationId, "organization", organizationId, wanted.budget)))
  reporter.note(what, found === undefined ? "created" : changes.length > 0 ? "updated" : "unchanged", changes)
  return { organizationId, organization: wanted.name, path }
}

/**
 * The organization of this name: one that a file manages before others. Names are not unique, and whoever may sign up chooses one:
 * an organization that registered itself is not taken for the internal one that a file means.
 */
async function findOrganization({ scope }: Applying, wanted: OrganizationOfFile, path: Path) {
  const named = await scope.repository.systemFindOrganizations(wanted.name)
  const managed = named.filter(({ managedBy }) => managedBy !== null)
  const candidates = managed.length > 0 ? managed : named
  const [found] = candidates
  if (candidates.length > 1) throw new Refusal([...path, "name"], `there are ${candidates.length} organizations named “${wanted.name}”: rename all but one`)
  if (found?.managedBy === null && found.kind === "customer" && wanted.kind !== "customer") {
    throw new Refusal([...path, "name"], `there is a customer named “${wanted.name}” that no file manages: write kind: customer if it is meant, or choose another name`)
  }
  return found
}

/** Brings the sum of this file's grants to the wanted amount: the balance is what its owner makes of it. */
async function applyCredit({ scope, file, ...applying }: Applying, organizationId: Id<"organization">, { credit }: OrganizationOfFile, hasWallet: boolean): Promise<readonly string[]> {
  if (credit === undefined) return []
  const { now, quotaId } = stampOf({ scope, file, ...applying })
  if (!hasWallet) await scope.repository.openWallet(organizationId, quotaId(), now, file)
  const granted = await scope.wallet.granted(organizationId, file)
  if (granted === credit) return hasWallet ? [] : ["wallet opened"]
  await scope.wallet.grant(organizationId, file, nanoUsd(credit - granted))
  return [`credit $${formatUsd(granted)} → $${formatUsd(credit)}`]
}

/** Puts the organization on the plan. Without one in the file it stays on whatever it is, which becomes the portal's to change. */
async function applyPlan(applying: Applying, organizationId: Id<"organization">, plan: string | undefined, path: Path): Promise<readonly string[]> {
  if (plan === undefined) {
    const released = await applying.scope.plans.release(programOf(applying), organizationId)
    if (!released.ok) throw refused(path, released.error)
    return released.value ? [`plan is no longer managed by ${applying.file}`] : []
  }
  const subscribed = await applying.scope.plans.subscribeByName(programOf(applying), organizationId, plan)
  if (!subscribed.ok) throw refused(path, subscribed.error)
  return subscribed.value ? [`plan ${plan}`] : []
}

async function applyMemberDefault(applying: Applying, organizationId: Id<"organization">, wanted: BudgetOfFile | undefined): Promise<readonly string[]> {
  if (wanted === undefined) return []
  const { budget } = await applying.scope.repository.readMemberDefault(organizationId)
  if (isSameBudget(budget, wanted)) return []
  await applying.scope.repository.writeMemberDefault(organizationId, wanted, stampOf(applying))
  return [`budget of members ${budgetText(budget)} → ${budgetText(wanted)}`]
}

/**
 * Brings a budget about. One that the file no longer names stays, but becomes the portal's to change: nothing is deleted, and nothing
 * is left that nobody can change. Returns what changed, in words.
 */
export async function applyBudget(
  applying: Applying,
  organizationId: Id<"organization">,
  scope: BudgetScope,
  scopeId: string,
  wanted: BudgetOfFile | undefined,
): Promise<readonly string[]> {
  const row = await applying.scope.repository.readBudget(organizationId, { scope, scopeId })
  if (wanted === undefined) {
    if (row?.managedBy !== applying.file) return []
    await applying.scope.repository.releaseBudget(organizationId, row.quotaId)
    return [`budget ${budgetText(row.budget)} is no longer managed by ${applying.file}`]
  }
  if (row !== null && !row.inherited && row.managedBy === applying.file && isSameBudget(row.budget, wanted)) return []
  await applying.scope.repository.writeBudget(organizationId, { scope, scopeId }, wanted, stampOf(applying))
  return [`budget ${budgetText(row?.budget ?? null)} → ${budgetText(wanted)}`]
}

const isSameBudget = (a: Budget | null, b: Budget): boolean => a !== null && a.amount === b.amount && a.period === b.period

/** Returns the projects' ids by name. */
export async function applyProjects(applying: Applying, place: Place, wanted: OrganizationOfFile["projects"]): Promise<ReadonlyMap<string, string>> {
  const { scope, reporter, newId, clock, file } = applying
  const ids = new Map<string, string>()
  for (const { name, budget } of wanted) {
    const found = await scope.repository.findProject(place.organizationId, name)
    const id = found?.id ?? newId("project")
    const changes: string[] = []
    if (found === null) await scope.repository.insertProject(place.organizationId, id as Id<"project">, name, new Date(clock.now()), file)
    else if (found.managedBy !== file || found.archivedAt !== null) {
      await scope.repository.keepProject(place.organizationId, id, file)
      changes.push(found.archivedAt !== null ? "no longer archived" : `managed by ${found.managedBy ?? "nobody"} → ${file}`)
    }
    changes.push(...(await applyBudget(applying, place.organizationId, "project", id, budget)))
    reporter.note(`organization ${place.organization}, project ${name}`, found === null ? "created" : changes.length > 0 ? "updated" : "unchanged", changes)
    ids.set(name, id)
  }
  return ids
}
