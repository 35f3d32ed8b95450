import type { Person } from "#lib/kernel/actor.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Basics } from "./ports.ts"
import type { PeopleRepository } from "./repository.ts"

export const SESSION_SECONDS = 30 * 24 * 3600
/** `lastSeenAt` is for the list of sessions: a minute's precision saves a write per page. */
const TOUCH_MS = 60_000
const USER_AGENT_CHARACTERS_MAX = 300
const LISTED_MAX = 50

/** Where a sign-in comes from, as far as it is known. */
export type Origin = { readonly address: string | null; readonly userAgent: string | null }

export type SessionView = {
  readonly id: Id<"session">
  readonly current: boolean
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly address: string | null
  readonly userAgent: string | null
}

/** Signed-in browsers. The browser holds the session's id in a signed cookie; the row says whether it still counts. */
export function createSessions({ repository, clock, newId }: Basics & { readonly repository: PeopleRepository }) {
  const now = () => new Date(clock.now())
  return {
    /** Begins a session for somebody who has just proven who they are. */
    async start(userId: Id<"user">, from: Origin): Promise<Id<"session">> {
      const createdAt = now()
      const id = newId("session")
      await repository.systemInsertSession({
        id,
        userId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + SESSION_SECONDS * 1000),
        address: from.address,
        userAgent: from.userAgent?.slice(0, USER_AGENT_CHARACTERS_MAX) ?? null,
      })
      return id
    },

    /** Who a session's cookie stands for, asked of the database each time: a revoked session ends at its next request. */
    async find(sessionId: string): Promise<Person | null> {
      if (!isId("session", sessionId)) return null
      const found = await repository.systemFindSession(sessionId, now())
      if (found === null) return null
      if (clock.now() - found.lastSeenAt.getTime() > TOUCH_MS) await repository.systemTouchSession(sessionId, now())
      return found.person
    },

    /** Signs out: whoever holds the session's cookie may end it. */
    async end(sessionId: string): Promise<void> {
      if (isId("session", sessionId)) await repository.systemEndSession(sessionId, now())
    },

    /** The person's live sessions, the latest seen first, at most 50. */
    async list(actor: Person): Promise<readonly SessionView[]> {
      const rows = await repository.systemListSessions(actor.userId, now(), LISTED_MAX)
      return rows.map((row) => ({ ...row, current: row.id === actor.sessionId }))
    },

    /** Signs one browser out; its own included. */
    async revoke(actor: Person, { sessionId }: { readonly sessionId: string }): Promise<Result<null, FeatureError>> {
      if (!isId("session", sessionId)) return err(notFound)
      return (await repository.systemRevokeSession(actor.userId, sessionId, now())) === 1 ? ok(null) : err(notFound)
    },

    /** Signs all other browsers out. The value is how many. */
    revokeOthers: async (actor: Person): Promise<Result<number, FeatureError>> => ok(await repository.systemRevokeSessions(actor.userId, actor.sessionId, now())),
  }
}

export type Sessions = ReturnType<typeof createSessions>
