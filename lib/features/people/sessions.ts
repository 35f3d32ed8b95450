import type { Person } from "#lib/kernel/actor.ts"
import { type Id, isId } from "#lib/kernel/ids.ts"
import type { Basics } from "./ports.ts"
import type { PeopleRepository } from "./repository.ts"

export const SESSION_SECONDS = 30 * 24 * 3600
/** `lastSeenAt` is for the list of sessions: a minute's precision saves a write per page. */
const TOUCH_MS = 60_000
const USER_AGENT_CHARACTERS_MAX = 300

/** Signed-in browsers. The browser holds the session's id in a signed cookie; the row says whether it still counts. */
export function createSessions({ repository, clock, newId }: Basics & { readonly repository: PeopleRepository }) {
  return {
    /** Begins a session for somebody who has just proven who they are. */
    async start(userId: Id<"user">, from: { address: string | null; userAgent: string | null }): Promise<Id<"session">> {
      const now = clock.now()
      const id = newId("session")
      await repository.systemInsertSession({
        id,
        userId,
        createdAt: new Date(now),
        expiresAt: new Date(now + SESSION_SECONDS * 1000),
        address: from.address,
        userAgent: from.userAgent?.slice(0, USER_AGENT_CHARACTERS_MAX) ?? null,
      })
      return id
    },

    /** Who a session's cookie stands for, asked of the database each time: a revoked session ends at its next request. */
    async find(sessionId: string): Promise<Person | null> {
      if (!isId("session", sessionId)) return null
      const now = clock.now()
      const found = await repository.systemFindSession(sessionId, new Date(now))
      if (found === null) return null
      if (now - found.lastSeenAt.getTime() > TOUCH_MS) await repository.systemTouchSession(sessionId, new Date(now))
      return found.person
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
