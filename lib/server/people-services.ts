import type { Database } from "#lib/adapters/database.ts"
import { linkTokens } from "#lib/adapters/link-tokens.ts"
import { argon2Passwords } from "#lib/adapters/passwords.ts"
import { createMembersRepository, createMembersService, type MembersService } from "#lib/features/members/index.ts"
import { createOrganizationsRepository, createOrganizationsService, type OrganizationsService } from "#lib/features/organizations/index.ts"
import {
  createAttempts,
  createPeopleRepository,
  createPeopleService,
  createProviderSignIn,
  createSessions,
  createSetUp,
  createSignIn,
  type PeopleService,
  type ProviderSignIn,
  type Sessions,
  type SetUp,
  type SignIn,
} from "#lib/features/people/index.ts"
import { createProjectsRepository, createProjectsService, type ProjectsService } from "#lib/features/projects/index.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { Env } from "./env.ts"

/** Everything about who is who: the people, their sessions, and where they belong. */
export type PeopleServices = {
  readonly sessions: Sessions
  readonly signIn: SignIn
  readonly providerSignIn: ProviderSignIn
  readonly setUp: SetUp
  readonly people: PeopleService
  readonly members: MembersService
  readonly organizations: OrganizationsService
  readonly projects: ProjectsService
}

export type PeopleServicesDependencies = {
  readonly database: Database
  readonly clock: Clock
  readonly newId: NewId
  readonly env: Pick<Env, "TURNPIKE_SIGNUP" | "SMTP_URL">
}

export function createPeopleServices({ database, clock, newId, env }: PeopleServicesDependencies): PeopleServices {
  const basics = { clock, newId }
  const tokens = linkTokens
  const passwords = argon2Passwords
  const repository = createPeopleRepository(database)
  const attempts = createAttempts({ repository, clock })
  const members = createMembersService({ repository: createMembersRepository(database), tokens, ...basics })
  const isInvited = async (token: string, email: string) => (await members.openInvitation(token))?.email === email
  const signUp = env.TURNPIKE_SIGNUP
  return {
    sessions: createSessions({ repository, ...basics }),
    signIn: createSignIn({ repository, passwords, tokens, attempts, clock }),
    providerSignIn: createProviderSignIn({ repository, signUp, isInvited, ...basics }),
    setUp: createSetUp({ repository, passwords, tokens, ...basics }),
    people: createPeopleService({ repository, passwords, attempts, signUp, isInvited, signsInByMail: env.SMTP_URL !== undefined, ...basics }),
    members,
    organizations: createOrganizationsService({ repository: createOrganizationsRepository(database), signUp, ...basics }),
    projects: createProjectsService({ repository: createProjectsRepository(database), ...basics }),
  }
}
