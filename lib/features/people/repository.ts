import type { Database } from "#lib/adapters/database.ts"
import type { Person } from "#lib/kernel/actor.ts"
import type { Id } from "#lib/kernel/ids.ts"

export type SessionRow = {
  readonly id: Id<"session">
  readonly userId: Id<"user">
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly address: string | null
  readonly userAgent: string | null
}

/** People belong to the installation, not to one organization: everything here runs in the system's name. */
export function createPeopleRepository(database: Database) {
  return {
    /** The person of a session that is neither revoked nor expired, whose account is not disabled. */
    async systemFindSession(sessionId: Id<"session">, now: Date): Promise<{ person: Person; lastSeenAt: Date } | null> {
      const row = await database.systemClient.session.findUnique({
        where: { id: sessionId, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
        select: { lastSeenAt: true, user: { select: { id: true, email: true, name: true, isOperator: true } } },
      })
      if (row === null) return null
      const { id, email, name, isOperator } = row.user
      return { person: { kind: "person", userId: id as Id<"user">, email, name, isOperator, sessionId }, lastSeenAt: row.lastSeenAt }
    },

    async systemTouchSession(sessionId: Id<"session">, now: Date): Promise<void> {
      await database.systemClient.session.updateMany({ where: { id: sessionId }, data: { lastSeenAt: now } })
    },

    async systemInsertSession(row: SessionRow): Promise<void> {
      await database.systemClient.session.create({ data: { ...row, lastSeenAt: row.createdAt } })
    },
  }
}

export type PeopleRepository = ReturnType<typeof createPeopleRepository>
