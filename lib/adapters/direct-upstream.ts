import { lookup } from "node:dns"
import http from "node:http"
import https from "node:https"
import { isIP, type LookupFunction } from "node:net"
import type { UpstreamPort, UpstreamSink } from "#lib/gateway/ports.ts"
import { judgeAddress, mayDial } from "./address-guard.ts"

const SILENCE_MS_MAX = 30_000
const REFUSED = "EREFUSEDADDRESS"
/** What a connection breaks with once it stands; everything else (no such name, nobody there, a bad certificate) came before. */
const BROKEN = new Set(["ECONNRESET", "EPIPE"])

type Options = {
  /** Reach loopback alone, whatever a channel allows (TURNPIKE_OFFLINE). */
  readonly loopbackOnly?: boolean
}

/**
 * Calls upstreams over a connection of their own, name look-up and handshake included: what a connection test has to try, and what
 * the gateway's pools are there to avoid. The address that is dialled is guarded where it is looked up. Redirects are not followed.
 */
export function createDirectUpstream({ loopbackOnly = false }: Options = {}): UpstreamPort {
  const allowed = (address: string, allowPrivateNetwork: boolean) =>
    loopbackOnly ? judgeAddress(address) === "private" && /^(?:127\.|::1$)/.test(address) : mayDial(address, allowPrivateNetwork)

  return {
    call({ url, headers, body, allowPrivateNetwork }, sink) {
      let finished = false
      let resume = () => {}
      const fail = (failure: Parameters<UpstreamSink["onFailure"]>[0]) => {
        if (finished) return
        finished = true
        sink.onFailure(failure)
      }
      const target = new URL(url)
      const host = target.hostname.replace(/^\[|\]$/g, "")
      if (!["http:", "https:"].includes(target.protocol) || (isIP(host) !== 0 && !allowed(host, allowPrivateNetwork))) {
        queueMicrotask(() => fail({ kind: "refusedAddress", detail: target.host }))
        return { resume() {}, abort: () => void (finished = true) }
      }
      const request = (target.protocol === "https:" ? https : http).request(target, {
        method: "POST",
        headers: { ...headers, "content-length": String(body.length) },
        agent: false,
        timeout: SILENCE_MS_MAX,
        lookup: guardedLookup((address) => allowed(address, allowPrivateNetwork)),
      })
      request.on("timeout", () => {
        fail({ kind: "timeout", detail: `no answer from ${target.host} for ${SILENCE_MS_MAX / 1000} s` })
        request.destroy()
      })
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === REFUSED) return fail({ kind: "refusedAddress", detail: error.message })
        fail({ kind: BROKEN.has(error.code ?? "") ? "closed" : "connect", detail: error.message })
      })
      request.on("response", (response) => {
        sink.onHead(response.statusCode ?? 0, response.headers)
        response.on("data", (chunk: Buffer) => {
          if (!finished && !sink.onData(chunk)) response.pause()
        })
        response.on("end", () => {
          if (finished) return
          finished = true
          sink.onEnd()
        })
        response.on("error", (error) => fail({ kind: "closed", detail: error.message }))
        resume = () => void response.resume()
      })
      request.end(body)
      return {
        resume: () => resume(),
        abort() {
          finished = true
          request.destroy()
        },
      }
    },
  }
}

/** Looks a name up and hands on only addresses that may be dialled: between this and the connection the name cannot change. */
function guardedLookup(allowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "", 0)
      const usable = found.filter(({ address }) => allowed(address))
      const [first] = usable
      if (first === undefined) {
        const refused: NodeJS.ErrnoException = new Error(`${hostname} is ${found.map(({ address }) => address).join(", ")}`)
        refused.code = REFUSED
        return callback(refused, "", 0)
      }
      if (options.all === true) return callback(null, usable)
      callback(null, first.address, first.family)
    })
  }
}
