import type { IncomingMessage } from "node:http"

/** Set by us on every request that goes to Next; what a client sends under these names is dropped. */
const ADDRESS_HEADER = "x-turnpike-address"
const PATH_HEADER = "x-turnpike-path"

/** Next bundles its own copy of this module: whether the headers are ours is known to both through `globalThis`. */
const slot = Symbol.for("turnpike.inbound")
const shared = globalThis as { [slot]?: true }

export type InboundRules = {
  /** Public origin (lib/server/origin.ts). */
  readonly origin: string
  readonly ownOrigins: ReadonlySet<string>
  /** TURNPIKE_TRUST_PROXY: how many proxies in front of us wrote into X-Forwarded-For. */
  readonly trustedProxies: number
}

/**
 * Prepares a request for Next, in place: the client's address and path as we know them, and a Host that is ours. Next compares an
 * action's Origin with the Host, so Host becomes the Origin where that is one of our own, and the public origin's host otherwise:
 * a forged Host can neither pass the check nor appear in a link.
 */
export function prepareInbound(request: IncomingMessage, rules: InboundRules): void {
  shared[slot] = true
  const { headers } = request
  const address = clientAddressOf(request.socket.remoteAddress, headers["x-forwarded-for"], rules.trustedProxies)
  const own = headers.origin !== undefined && rules.ownOrigins.has(headers.origin) ? headers.origin : rules.origin
  const url = new URL(own)
  delete headers.forwarded
  delete headers["x-forwarded-port"]
  delete headers[ADDRESS_HEADER]
  headers.host = url.host
  headers["x-forwarded-host"] = url.host
  headers["x-forwarded-proto"] = url.protocol.slice(0, -1)
  if (address !== undefined) headers["x-forwarded-for"] = headers[ADDRESS_HEADER] = address
  headers[PATH_HEADER] = pagePathOf(request.url ?? "/")
}

/**
 * A request's target as a path of ours: without the origin that clients of a proxy put before it (RFC 9112, 3.2.2). Null where it is no
 * path, or one that no text can be read from: Next answers those with 500 and a stack in the log.
 */
export function originForm(target: string): string | null {
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target
  const own = path === "" || path.startsWith("?") ? `/${path}` : path
  if (!own.startsWith("/")) return null
  try {
    // Postgres holds no text with a NUL in it, so nothing of ours has such a name.
    return decodeURIComponent(own.split("?", 1)[0] ?? "").includes("\0") ? null : own
  } catch {
    return null
  }
}

/** Path and query as the address bar shows them: Next's router adds `_rsc`, with or without a value, to its own requests. */
function pagePathOf(url: string): string {
  const [path = "/", query = ""] = url.split("?", 2)
  const kept = query.split("&").filter((part) => part !== "" && !/^_rsc(=|$)/.test(part))
  return kept.length === 0 ? path : `${path}?${kept.join("&")}`
}

/**
 * The address of who is calling: the socket's, or, behind `trustedProxies` proxies, the entry of X-Forwarded-For that the outermost
 * of them wrote. What stands further left was written by the client.
 */
export function clientAddressOf(socketAddress: string | undefined, forwardedFor: string | string[] | undefined, trustedProxies: number): string | undefined {
  const hops = [...(forwardedFor === undefined ? [] : String(forwardedFor).split(",")), socketAddress ?? ""].map((hop) => hop.trim())
  const address = hops[Math.max(0, hops.length - 1 - trustedProxies)]
  return address === undefined || address === "" ? undefined : address.replace(/^::ffff:(?=\d+\.)/, "")
}

type ReadableHeaders = { get(name: string): string | null }

/** The client's address, or null on a plain Next host, which does not tell it in a way that a client cannot forge. */
export const inboundAddress = (headers: ReadableHeaders): string | null => (shared[slot] === true ? headers.get(ADDRESS_HEADER) : null)

/** Path and query of the page that was asked for, or null on a plain Next host. */
export const inboundPath = (headers: ReadableHeaders): string | null => (shared[slot] === true ? headers.get(PATH_HEADER) : null)
