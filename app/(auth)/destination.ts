import { container } from "#lib/server/container.ts"
import { ownOrigins, safeReturnPath } from "#lib/server/origin.ts"

/** Where one goes who asked for nothing in particular: their organization, or what comes before one has any. */
export const ENTRANCE = "/enter"

/** Where to go after sign-in: the path that was asked for (next-auth gives it as an address of ours), else the entrance. */
export function destinationOf(asked: string | string[] | undefined): string {
  const text = typeof asked === "string" ? asked : null
  const url = text !== null && URL.canParse(text) ? new URL(text) : null
  const path = safeReturnPath(url !== null && ownOrigins(container().env).has(url.origin) ? `${url.pathname}${url.search}` : text)
  return path === "/" ? ENTRANCE : path
}
