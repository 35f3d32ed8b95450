import type { Transaction } from "#lib/adapters/database.ts"
import type { Member, Role } from "#lib/kernel/actor.ts"

/** A member for tests: `name` in the organization `org_<organization>`, as `seedMember` writes it. */
export const testMember = (organization: string, name: string, role: Role): Member => ({
  kind: "member",
  userId: `user_${organization}${name}`,
  email: `${name}@${organization}.example`,
  name,
  isOperator: false,
  sessionId: "ses_test",
  organizationId: `org_${organization}`,
  organizationSlug: organization,
  organizationName: organization,
  timeZone: "UTC",
  membershipId: `mem_${organization}${name}`,
  role,
})

/** Writes the organization `org_<name>` with its people, each `name: role`; needs the system's scope. */
export async function seedOrganization(transaction: Transaction, organization: string, people: Readonly<Record<string, Role>>): Promise<void> {
  await transaction.organization.create({ data: { id: `org_${organization}`, slug: organization, name: organization, kind: "customer", hasWallet: true } })
  for (const [name, role] of Object.entries(people)) {
    const { userId, email, membershipId, organizationId } = testMember(organization, name, role)
    await transaction.user.create({ data: { id: userId, email, name } })
    await transaction.membership.create({ data: { id: membershipId, organizationId, userId, role } })
  }
}
