import type { ClientHeaders } from "../raw-lane.ts"
import { type Fields, isRecord } from "../request-fields.ts"

const SESSION_HEADER = "x-claude-code-session-id"
const SESSION = /^[\w-]{1,100}$/
const USER_ID_CHARACTERS_MAX = 2_000

/**
 * The agent's session (W-121): Claude Code names it in a header, and in `metadata.user_id`, as `user_…_account_…_session_<uuid>` or as
 * a JSON text with `session_id`. Null where there is none.
 */
export function sessionOf({ metadata }: Fields, headers: ClientHeaders): string | null {
  return session(headers[SESSION_HEADER]) ?? (isRecord(metadata) ? sessionOfUser(metadata["user_id"]) : null)
}

function sessionOfUser(userId: unknown): string | null {
  if (typeof userId !== "string" || userId.length > USER_ID_CHARACTERS_MAX) return null
  if (!userId.startsWith("{")) return session(/_session_([\w-]+)$/.exec(userId)?.[1])
  try {
    const json: unknown = JSON.parse(userId)
    return isRecord(json) ? session(json["session_id"]) : null
  } catch {
    return null
  }
}

const session = (value: unknown): string | null => (typeof value === "string" && SESSION.test(value) ? value : null)
