import type { Env } from "./env.ts"

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"] as const
/** Addresses to listen on that are no address to call. */
const WILDCARDS = ["0.0.0.0", "::", "[::]"]

/** Origin of every link, callback and action check. The Host header has no say in it. */
export function publicOrigin(env: Pick<Env, "HOST" | "PORT" | "TURNPIKE_URL">): string {
  if (env.TURNPIKE_URL !== undefined) return new URL(env.TURNPIKE_URL).origin
  const host = WILDCARDS.includes(env.HOST) ? LOOPBACK[0] : env.HOST.includes(":") && !env.HOST.startsWith("[") ? `[${env.HOST}]` : env.HOST
  return new URL(`http://${host}:${env.PORT}`).origin
}

/**
 * The origins whose pages may call server actions: the public one, and, while nobody has set TURNPIKE_URL and we listen on the
 * loopback, the other names of the loopback, so that `localhost:3000` works as well as `127.0.0.1:3000`.
 */
export function ownOrigins(env: Pick<Env, "HOST" | "PORT" | "TURNPIKE_URL">): ReadonlySet<string> {
  const origin = publicOrigin(env)
  const url = new URL(origin)
  const isDefault = env.TURNPIKE_URL === undefined && (LOOPBACK as readonly string[]).includes(url.hostname)
  return new Set(isDefault ? LOOPBACK.map((host) => new URL(`http://${host}:${env.PORT}`).origin) : [origin])
}

const PATH_CHARACTERS_MAX = 500

/** `//evil.example` and `/\evil.example` are addresses of other sites to a browser. */
const OWN_PATH = /^\/(?![/\\])/

/** A path of ours to go back to after sign-in, or `/` where the given one would lead away. */
export function safeReturnPath(path: string | null | undefined): string {
  const base = "http://turnpike.invalid"
  if (path === null || path === undefined || path.length > PATH_CHARACTERS_MAX || !OWN_PATH.test(path) || !URL.canParse(path, base)) return "/"
  const { pathname, search } = new URL(path, base)
  // Again after normalization, which turns `/.//evil.example` into `//evil.example`.
  return OWN_PATH.test(pathname) ? `${pathname}${search}` : "/"
}
