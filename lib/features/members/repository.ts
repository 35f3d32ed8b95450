import type { Database } from "#lib/adapters/database.ts"
import type { Member, Person } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

export function createMembersRepository(database: Database) {
  return {
    /** The person's live membership of the organization with this slug; in the system's name, since it decides the tenant. */
    async systemFindMember(person: Person, slug: string): Promise<Member | null> {
      const row = await database.systemClient.membership.findFirst({
        where: { userId: person.userId, removedAt: null, organization: { slug, disabledAt: null } },
        select: { id: true, role: true, organization: { select: { id: true, slug: true, name: true, timeZone: true } } },
      })
      if (row === null) return null
      return {
        ...person,
        kind: "member",
        membershipId: row.id as Id<"membership">,
        role: row.role,
        organizationId: row.organization.id as Id<"organization">,
        organizationSlug: row.organization.slug,
        organizationName: row.organization.name,
        timeZone: row.organization.timeZone,
      }
    },
  }
}

export type MembersRepository = ReturnType<typeof createMembersRepository>
