import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { GatewayPorts, KeyLookup } from "./ports.ts"
import { type Identified, proven, type Received } from "./stages.ts"
import type { Principal } from "./types.ts"

const NO_KEY: GatewayError = { code: "invalid_api_key", message: "An API key is needed: send it as “Authorization: Bearer sk-tp-…”." }
const UNKNOWN_KEY: GatewayError = { code: "invalid_api_key", message: "This API key is not known, or was revoked. Keys are made in the portal, under Keys." }
const EXPIRED_KEY: GatewayError = { code: "invalid_api_key", message: "This API key has expired. Make a new one in the portal, under Keys." }
/** An outage must never read as a rejection: clients throw keys away for that (W-112). */
const UNAVAILABLE: GatewayError = { code: "unavailable", message: "Keys cannot be checked at the moment. Try again shortly.", retryAfterSeconds: 1 }

/** Finds who calls. A known key is answered from memory, without a promise. */
export function identify(received: Received, ports: Pick<GatewayPorts, "keys">): Result<Identified, GatewayError> | Promise<Result<Identified, GatewayError>> {
  const proceed = (found: Result<Principal, GatewayError>): Result<Identified, GatewayError> =>
    found.ok ? ok(proven<Received, Identified>(received, { principal: found.value })) : found
  const found = findPrincipal(received.secret, received.receivedAtMs, ports)
  return found instanceof Promise ? found.then(proceed) : proceed(found)
}

/** Who holds a key, at a moment in epoch milliseconds. */
export function findPrincipal(secret: string | null, atMs: number, { keys }: Pick<GatewayPorts, "keys">): Result<Principal, GatewayError> | Promise<Result<Principal, GatewayError>> {
  if (secret === null) return err(NO_KEY)
  const judge = (lookup: KeyLookup): Result<Principal, GatewayError> => {
    switch (lookup.kind) {
      case "found": {
        const { expiresAtMs } = lookup.principal
        return expiresAtMs !== null && expiresAtMs <= atMs ? err(EXPIRED_KEY) : ok(lookup.principal)
      }
      case "absent":
        return err(UNKNOWN_KEY)
      case "unavailable":
        return err(UNAVAILABLE)
    }
  }
  const lookup = keys.find(secret)
  return lookup instanceof Promise ? lookup.then(judge) : judge(lookup)
}
