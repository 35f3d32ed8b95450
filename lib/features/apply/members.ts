import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { applyBudget, type Applying, budgetText, type Place, stampOf } from "./organizations.ts"
import type { MemberOfFile } from "./schema.ts"

const INVITATION_MS = 7 * 86_400_000

/** Brings the members about. Who has an account, or is given a password, is a member at once; the others are invited. */
export async function applyMembers(applying: Applying, place: Place, wanted: readonly MemberOfFile[]): Promise<void> {
  for (const member of wanted) await applyMember(applying, place, member)
}

async function applyMember(applying: Applying, place: Place, wanted: MemberOfFile): Promise<void> {
  const { repository } = applying.scope
  const found = await repository.findMember(place.organizationId, wanted.email)
  if (found !== null) return updateMember(applying, place, wanted, found)
  const user = await repository.systemFindUser(wanted.email)
  if (user !== null) return insertMember(applying, place, wanted, user.id)
  if (wanted.password === undefined) return invite(applying, place, wanted)
  const userId = applying.newId("user")
  await repository.systemInsertUser(userId, wanted.email, await applying.passwords.hash(wanted.password), new Date(applying.clock.now()), applying.file)
  return insertMember(applying, place, wanted, userId)
}

const label = ({ organization }: Place, { email }: MemberOfFile) => `organization ${organization}, member ${email}`

async function insertMember(applying: Applying, place: Place, wanted: MemberOfFile, userId: string): Promise<void> {
  const id: Id<"membership"> = applying.newId("membership")
  await applying.scope.repository.insertMember(place.organizationId, id, userId, wanted.role, new Date(applying.clock.now()), applying.file)
  if (wanted.budget === undefined) await applying.scope.repository.inheritMemberBudget(place.organizationId, id, stampOf(applying))
  const changes = await applyBudget(applying, place.organizationId, "member", id, wanted.budget)
  applying.reporter.note(label(place, wanted), "created", [wanted.role, ...changes])
}

type FoundMember = { readonly id: string; readonly role: string; readonly managedBy: string | null; readonly removedAt: Date | null }

async function updateMember(applying: Applying, place: Place, wanted: MemberOfFile, found: FoundMember): Promise<void> {
  const changes: string[] = []
  if (found.removedAt !== null) changes.push("a member again")
  if (found.role !== wanted.role) changes.push(`role ${found.role} → ${wanted.role}`)
  if (found.managedBy !== applying.file) changes.push(`managed by ${found.managedBy ?? "nobody"} → ${applying.file}`)
  if (changes.length > 0) await applying.scope.repository.updateMember(place.organizationId, found.id, wanted.role, applying.file)
  if (found.removedAt !== null && wanted.budget === undefined) {
    await applying.scope.repository.inheritMemberBudget(place.organizationId, found.id as Id<"membership">, stampOf(applying))
  }
  changes.push(...(await applyBudget(applying, place.organizationId, "member", found.id, wanted.budget)))
  applying.reporter.note(label(place, wanted), changes.length > 0 ? "updated" : "unchanged", changes)
}

/** Makes an invitation, whose link is shown once; one that still waits is left alone but for its role and budget. */
async function invite(applying: Applying, place: Place, wanted: MemberOfFile): Promise<void> {
  const { scope, reporter, clock, newId, tokens, file } = applying
  const now = new Date(clock.now())
  const what = `organization ${place.organization}, invitation of ${wanted.email}`
  const row = { role: wanted.role, budget: wanted.budget ?? null, managedBy: file }
  const found = await scope.repository.findInvitation(place.organizationId, wanted.email, now)
  if (found === null) {
    const token = tokens.make()
    const link = { tokenHash: tokens.hash(token), createdAt: now, expiresAt: new Date(now.getTime() + INVITATION_MS) }
    await scope.repository.insertInvitation(place.organizationId, newId("invitation"), wanted.email, row, link)
    reporter.note(what, "created", [wanted.role])
    reporter.invitation({ organization: place.organization, email: wanted.email, token })
    return
  }
  const budget = found.budgetNanoUsd === null || found.budgetPeriod === null ? null : { amount: nanoUsd(found.budgetNanoUsd), period: found.budgetPeriod }
  const changes: string[] = []
  if (found.role !== row.role) changes.push(`role ${found.role} → ${row.role}`)
  if (budgetText(budget) !== budgetText(row.budget)) changes.push(`budget ${budgetText(budget)} → ${budgetText(row.budget)}`)
  if (found.managedBy !== file) changes.push(`managed by ${found.managedBy ?? "nobody"} → ${file}`)
  if (changes.length > 0) await scope.repository.updateInvitation(place.organizationId, found.id, row)
  reporter.note(what, changes.length > 0 ? "updated" : "unchanged", changes)
}
