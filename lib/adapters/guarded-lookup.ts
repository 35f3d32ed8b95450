import { lookup } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import { judgeAddress, mayDial } from "./address-guard.ts"

/** The code of the error with which a look-up ends whose every address is forbidden. */
export const REFUSED_ADDRESS = "EREFUSEDADDRESS"

export type AddressRule = (address: string) => boolean

/** Which addresses a call may go to. `loopbackOnly`: none but loopback, whatever a channel allows (TURNPIKE_OFFLINE). */
export function addressRule(allowPrivateNetwork: boolean, loopbackOnly: boolean): AddressRule {
  if (loopbackOnly) return (address) => judgeAddress(address) === "private" && /^(?:127\.|::1$)/.test(address)
  return (address) => mayDial(address, allowPrivateNetwork)
}

/** A host that is an address itself is dialled without any look-up, so it is judged here. */
export function mayReachHost(hostname: string, allowed: AddressRule): boolean {
  const host = hostname.replace(/^\[|\]$/g, "")
  return isIP(host) === 0 || allowed(host)
}

/** Looks a name up and hands on only addresses that may be dialled: between this and the connection the name cannot change. */
export function guardedLookup(allowed: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "", 0)
      const usable = found.filter(({ address }) => allowed(address))
      const [first] = usable
      if (first === undefined) {
        const refused: NodeJS.ErrnoException = new Error(`${hostname} is ${found.map(({ address }) => address).join(", ")}`)
        refused.code = REFUSED_ADDRESS
        return callback(refused, "", 0)
      }
      if (options.all === true) return callback(null, usable)
      callback(null, first.address, first.family)
    })
  }
}
