import { randomBytes } from "node:crypto"
import type { Database } from "#lib/adapters/database.ts"
import type { Member, Person, Role } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { createPeopleServices, type PeopleServices, type PeopleServicesDependencies } from "#lib/server/people-services.ts"

/** A clock that stands still until it is moved. */
export type TestClock = Clock & { advance(seconds: number): void }

export function createTestClock(startMs = Date.UTC(2027, 0, 15, 12)): TestClock {
  let nowMs = startMs
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    advance: (seconds) => {
      nowMs += seconds * 1000
    },
  }
}

export type World = PeopleServices & {
  readonly clock: TestClock
  /** Makes an account, with the password `correct horse` where asked, and signs it in. */
  person(options?: { readonly email?: string; readonly isOperator?: boolean; readonly password?: string }): Promise<Person>
  /** Makes an organization with one member of each given role. */
  organization(name: string, ...roles: readonly Role[]): Promise<{ readonly id: Id<"organization">; readonly slug: string; readonly members: readonly Member[] }>
}

/** The services of people on a real database, and ways to fill it. */
export function createWorld(database: Database, env: PeopleServicesDependencies["env"] = { TURNPIKE_SIGNUP: "open", SMTP_URL: undefined }): World {
  const clock = createTestClock()
  const newId = createNewId(clock.now, (bytes) => void bytes.set(randomBytes(bytes.length)))
  const services = createPeopleServices({ database, clock, newId, env })
  let number = 0

  const person: World["person"] = async ({ email = `person${++number}@example.com`, isOperator = false, password } = {}) => {
    const id = newId("user")
    await database.systemClient.user.create({ data: { id, email, name: `Person ${number}`, isOperator } })
    const sessionId = await services.sessions.start(id, { address: "203.0.113.7", userAgent: "Test/1.0" })
    const found = await services.sessions.find(sessionId)
    if (found === null) throw new Error("a new session was not found")
    if (password !== undefined) await services.people.changePassword(found, { password })
    return found
  }

  const organization: World["organization"] = async (name, ...roles) => {
    const id = newId("organization")
    const slug = `${name}-${id.slice(-6)}`.toLowerCase()
    await database.systemClient.organization.create({ data: { id, slug, name, kind: "customer", hasWallet: false } })
    const members: Member[] = []
    for (const role of roles) {
      const somebody = await person()
      await database.systemClient.membership.create({ data: { id: newId("membership"), organizationId: id, userId: somebody.userId, role } })
      const member = await services.members.enter(somebody, slug)
      if (member === null) throw new Error("a new member was not found")
      members.push(member)
    }
    return { id, slug, members }
  }

  return { ...services, clock, person, organization }
}

/** The value of a result that has to be one. */
export function valueOf<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}
