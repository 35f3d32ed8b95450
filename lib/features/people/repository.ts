import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Person } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { freeSlug } from "#lib/features/organizations/index.ts"

/** People belong to the installation, not to one organization: everything here runs in the system's name. */
export function createPeopleRepository(database: Database) {
  return { ...people(database), ...sessions(database), ...accounts(database), ...links(database), ...attempts(database), ...firstOperator(database) }
}

export type PeopleRepository = ReturnType<typeof createPeopleRepository>

export type PersonRow = {
  readonly id: Id<"user">
  readonly email: string
  readonly name: string | null
  readonly passwordHash: string | null
  readonly emailVerified: Date | null
  readonly isOperator: boolean
  readonly locale: string | null
  readonly disabledAt: Date | null
}

export type NewPerson = Pick<PersonRow, "id" | "email" | "name" | "passwordHash" | "emailVerified"> & { readonly createdAt: Date }

const personColumns = { id: true, email: true, name: true, passwordHash: true, emailVerified: true, isOperator: true, locale: true, disabledAt: true } as const

/** Postgres' own word for a broken unique constraint, as Prisma reports it. */
const isTaken = (error: unknown): boolean => (error as { code?: string }).code === "P2002"

function people({ systemClient }: Database) {
  return {
    systemFindPersonByEmail: async (email: string) => (await systemClient.user.findUnique({ where: { email }, select: personColumns })) as PersonRow | null,

    systemFindPerson: async (id: Id<"user">) => (await systemClient.user.findUnique({ where: { id }, select: personColumns })) as PersonRow | null,

    /** False where the e-mail has an account already. */
    async systemInsertPerson(row: NewPerson): Promise<boolean> {
      try {
        await systemClient.user.create({ data: row })
        return true
      } catch (error) {
        if (isTaken(error)) return false
        throw error
      }
    },

    async systemUpdateProfile(id: Id<"user">, change: { readonly name?: string; readonly locale?: string }): Promise<void> {
      await systemClient.user.update({ where: { id }, data: change })
    },
  }
}

export type SessionRow = {
  readonly id: Id<"session">
  readonly userId: Id<"user">
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly address: string | null
  readonly userAgent: string | null
}

function sessions({ systemClient, system }: Database) {
  return {
    /** The person of a session that is neither revoked nor expired, whose account is not disabled. */
    async systemFindSession(sessionId: Id<"session">, now: Date): Promise<{ person: Person; lastSeenAt: Date } | null> {
      const row = await systemClient.session.findUnique({
        where: { id: sessionId, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
        select: { lastSeenAt: true, user: { select: { id: true, email: true, name: true, isOperator: true } } },
      })
      if (row === null) return null
      const { id, email, name, isOperator } = row.user
      return { person: { kind: "person", userId: id as Id<"user">, email, name, isOperator, sessionId }, lastSeenAt: row.lastSeenAt }
    },

    async systemTouchSession(sessionId: Id<"session">, now: Date): Promise<void> {
      await systemClient.session.updateMany({ where: { id: sessionId }, data: { lastSeenAt: now } })
    },

    async systemInsertSession(row: SessionRow): Promise<void> {
      await systemClient.session.create({ data: { ...row, lastSeenAt: row.createdAt } })
    },

    systemListSessions: async (userId: Id<"user">, now: Date, take: number) =>
      (await systemClient.session.findMany({
        where: { userId, revokedAt: null, expiresAt: { gt: now } },
        select: { id: true, createdAt: true, lastSeenAt: true, address: true, userAgent: true },
        orderBy: { lastSeenAt: "desc" },
        take,
      })) as readonly (Omit<SessionRow, "userId" | "expiresAt"> & { readonly lastSeenAt: Date })[],

    /** How many ended: 0 where the session is not this person's, or over already. */
    async systemRevokeSession(userId: Id<"user">, sessionId: Id<"session">, now: Date): Promise<number> {
      return (await systemClient.session.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: now } })).count
    },

    async systemEndSession(sessionId: Id<"session">, now: Date): Promise<void> {
      await systemClient.session.updateMany({ where: { id: sessionId, revokedAt: null }, data: { revokedAt: now } })
    },

    async systemRevokeSessions(userId: Id<"user">, except: Id<"session"> | null, now: Date): Promise<number> {
      return revokeSessions(systemClient, userId, except, now)
    },

    /** Sets the password and ends all other sessions, together: whoever knew the old one is out. */
    async systemSetPassword(userId: Id<"user">, passwordHash: string, keep: Id<"session"> | null, now: Date): Promise<void> {
      await system(async (transaction) => {
        await transaction.user.update({ where: { id: userId }, data: { passwordHash } })
        await revokeSessions(transaction, userId, keep, now)
      })
    },
  }
}

async function revokeSessions(transaction: Pick<Transaction, "session">, userId: Id<"user">, except: Id<"session"> | null, now: Date): Promise<number> {
  const { count } = await transaction.session.updateMany({
    where: { userId, revokedAt: null, ...(except === null ? {} : { id: { not: except } }) },
    data: { revokedAt: now },
  })
  return count
}

export type ProviderAccount = { readonly provider: string; readonly providerAccountId: string; readonly type: string }

function accounts({ systemClient, system }: Database) {
  return {
    systemFindPersonByAccount: async (provider: string, providerAccountId: string) => {
      const row = await systemClient.account.findUnique({
        where: { provider_providerAccountId: { provider, providerAccountId } },
        select: { user: { select: personColumns } },
      })
      return (row?.user ?? null) as PersonRow | null
    },

    /** The provider's tokens are not kept: nothing here calls the provider in the person's name. */
    async systemLinkAccount(userId: Id<"user">, { provider, providerAccountId, type }: ProviderAccount): Promise<void> {
      await systemClient.account.create({ data: { userId, provider, providerAccountId, type } })
    },

    systemListAccounts: async (userId: Id<"user">): Promise<readonly { readonly provider: string }[]> =>
      systemClient.account.findMany({ where: { userId }, select: { provider: true }, orderBy: { provider: "asc" } }),

    async systemUnlinkAccount(userId: Id<"user">, provider: string): Promise<void> {
      await systemClient.account.deleteMany({ where: { userId, provider } })
    },

    /**
     * Somebody proved that this e-mail is theirs. If nobody had before, whoever made the account may have been somebody else:
     * their password, linked accounts and sessions end here (an account that waits for its victim is worth nothing).
     */
    async systemClaimEmail(userId: Id<"user">, now: Date): Promise<void> {
      await system(async (transaction) => {
        const { count } = await transaction.user.updateMany({ where: { id: userId, emailVerified: null }, data: { emailVerified: now, passwordHash: null } })
        if (count === 0) return
        await transaction.account.deleteMany({ where: { userId } })
        await revokeSessions(transaction, userId, null, now)
      })
    },

    async systemInsertMailToken(identifier: string, token: string, expires: Date): Promise<void> {
      await systemClient.verificationToken.create({ data: { identifier, token, expires } })
    },

    /** Takes the token out, so that it works once; null where it is not there. */
    async systemTakeMailToken(identifier: string, token: string): Promise<{ readonly identifier: string; readonly token: string; readonly expires: Date } | null> {
      const where = { identifier, token }
      return systemClient.verificationToken.delete({ where: { identifier_token: where } }).catch((error: { code?: string }) => {
        if (error.code === "P2025") return null
        throw error
      })
    },
  }
}

export type LinkKind = "setup" | "signIn"
export type LinkRow = {
  readonly id: Id<"link">
  readonly kind: LinkKind
  readonly tokenHash: string
  readonly userId: Id<"user"> | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

const usableLink = (kind: LinkKind, tokenHash: string, now: Date) => ({ kind, tokenHash, usedAt: null, expiresAt: { gt: now } })

function links({ systemClient, system }: Database) {
  return {
    /**
     * A new sign-in link takes the place of its person's unused ones. Set-up links stand beside each other, since every process that
     * starts on a database without an operator prints one; only those that have expired go.
     */
    async systemInsertLink(row: LinkRow): Promise<void> {
      const replaced = row.kind === "setup" ? { expiresAt: { lte: row.createdAt } } : {}
      await system(async (transaction) => {
        await transaction.oneTimeLink.deleteMany({ where: { kind: row.kind, userId: row.userId, usedAt: null, ...replaced } })
        await transaction.oneTimeLink.create({ data: row })
      })
    },

    systemHasLink: async (kind: LinkKind, tokenHash: string, now: Date): Promise<boolean> =>
      (await systemClient.oneTimeLink.count({ where: usableLink(kind, tokenHash, now) })) > 0,

    /** Uses a sign-in link up and says whose it was; one statement, so that of two who come at once one gets in. */
    async systemUseSignInLink(tokenHash: string, now: Date): Promise<Id<"user"> | null> {
      const used = await systemClient.oneTimeLink.updateManyAndReturn({ where: usableLink("signIn", tokenHash, now), data: { usedAt: now }, select: { userId: true } })
      return (used[0]?.userId ?? null) as Id<"user"> | null
    },
  }
}

function attempts({ system }: Database) {
  return {
    /**
     * Counts one attempt of each subject in its window and returns the counts, this one included. The count comes before the
     * answer is known, so that many attempts at once cannot pass the limit. Windows that began before `forgetBefore` are dropped.
     */
    async systemCountAttempt(subjects: readonly string[], windowStart: Date, forgetBefore: Date): Promise<readonly number[]> {
      return system(async (transaction) => {
        await transaction.signInAttempt.deleteMany({ where: { windowStart: { lt: forgetBefore } } })
        const counts: number[] = []
        // In one order everywhere: two requests for the same account from each other's address would otherwise deadlock.
        for (const subject of [...subjects].sort()) {
          const row = await transaction.signInAttempt.upsert({
            where: { subject_windowStart: { subject, windowStart } },
            create: { subject, windowStart, count: 1 },
            update: { count: { increment: 1 } },
          })
          counts[subjects.indexOf(subject)] = row.count
        }
        return counts
      })
    },

    /** Takes one attempt back that turned out to be right. */
    async systemForgiveAttempt(subjects: readonly string[], windowStart: Date): Promise<void> {
      await system((transaction) => transaction.signInAttempt.updateMany({ where: { subject: { in: [...subjects] }, windowStart, count: { gt: 0 } }, data: { count: { decrement: 1 } } }))
    },
  }
}

export type FirstOperatorRows = {
  readonly person: NewPerson
  readonly organization: { readonly id: Id<"organization">; readonly slug: string; readonly name: string }
  readonly membershipId: Id<"membership">
  /** Hash of the set-up link that is used up by this; null where the environment does the set-up. */
  readonly tokenHash: string | null
}

/** The organization that the first start makes for the demo key (lib/server/…); the first operator takes it over. */
export const DEMO_ORGANIZATION_SLUG = "demo"

function firstOperator({ system, systemClient }: Database) {
  return {
    systemOperatorExists: async (): Promise<boolean> => (await systemClient.user.count({ where: { isOperator: true } })) > 0,

    /**
     * Makes the first operator, owner of the demo organization under a new name, or of a new one where there is no demo. `"done"`
     * where an operator exists already, `"link"` where the link is not valid (any more).
     */
    async systemCreateFirstOperator({ person, organization, membershipId, tokenHash }: FirstOperatorRows): Promise<"ok" | "done" | "link"> {
      return system(async (transaction) => {
        // One at a time, over all processes: two set-ups at once would make two first operators.
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(7275002)`
        if ((await transaction.user.count({ where: { isOperator: true } })) > 0) return "done"
        if (tokenHash !== null) {
          const { count } = await transaction.oneTimeLink.updateMany({ where: usableLink("setup", tokenHash, person.createdAt), data: { usedAt: person.createdAt } })
          if (count === 0) return "link"
        }
        if ((await transaction.user.count({ where: { email: person.email } })) > 0) {
          // `turnpike apply` may have made the person before anybody set up: they become the operator.
          await transaction.user.update({ where: { email: person.email }, data: { isOperator: true, passwordHash: person.passwordHash, name: person.name } })
        } else {
          await transaction.user.create({ data: { ...person, isOperator: true } })
        }
        const { id: userId } = await transaction.user.findUniqueOrThrow({ where: { email: person.email }, select: { id: true } })
        const organizationId = await adoptDemo(transaction, organization, person.createdAt)
        await transaction.membership.create({ data: { id: membershipId, organizationId, userId, role: "owner", createdAt: person.createdAt } })
        return "ok"
      })
    },
  }
}

async function adoptDemo(transaction: Transaction, { id, slug: wanted, name }: FirstOperatorRows["organization"], now: Date): Promise<string> {
  const slug = await freeSlug(transaction, wanted)
  const demo = await transaction.organization.findFirst({ where: { slug: DEMO_ORGANIZATION_SLUG, managedBy: null, memberships: { none: {} } }, select: { id: true } })
  if (demo === null) {
    await transaction.organization.create({ data: { id, slug, name, kind: "internal", hasWallet: false, createdAt: now } })
    return id
  }
  await transaction.organization.update({ where: { id: demo.id }, data: { slug, name } })
  return demo.id
}
