import type { Member, Person } from "#lib/kernel/actor.ts"
import type { MembersRepository } from "./repository.ts"

export function createMembersService({ repository }: { readonly repository: MembersRepository }) {
  return {
    /** The person as a member of the organization with this slug; null where they are none, or it does not exist or is disabled. */
    enter: (person: Person, slug: string): Promise<Member | null> => repository.systemFindMember(person, slug),
  }
}

export type MembersService = ReturnType<typeof createMembersService>
