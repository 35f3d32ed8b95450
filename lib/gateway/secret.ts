import type { GatewayRequest } from "./exchange.ts"

const SECRET_CHARACTERS_MAX = 512
const keyHeaders = ["x-api-key", "api-key", "x-goog-api-key"] as const

/** The caller's key, wherever its client puts it; the first one found in WIRE.md's order (W-119) counts. */
export function secretOf({ headers, path }: Pick<GatewayRequest, "headers" | "path">): string | null {
  const authorization = headers["authorization"]
  const bearer = typeof authorization === "string" ? /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1] : undefined
  return bounded(bearer ?? keyHeaders.map((name) => headers[name]).find((value) => typeof value === "string" && value !== "") ?? queryOf(path)?.get("key"))
}

/** The query of a path with one; null where there is none. */
export function queryOf(path: string): URLSearchParams | null {
  const mark = path.indexOf("?")
  return mark === -1 ? null : new URLSearchParams(path.slice(mark + 1))
}

const bounded = (secret: unknown): string | null =>
  typeof secret === "string" && secret !== "" && secret.length <= SECRET_CHARACTERS_MAX ? secret.trim() : null
