import http from "node:http"
import https from "node:https"
import { Readable } from "node:stream"
import type { UpstreamPort, UpstreamSink } from "#lib/gateway/ports.ts"
import { addressRule, guardedLookup, mayReachHost, REFUSED_ADDRESS } from "./guarded-lookup.ts"

const SILENCE_MS_MAX = 30_000
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
      const allowed = addressRule(allowPrivateNetwork, loopbackOnly)
      if (!["http:", "https:"].includes(target.protocol) || !mayReachHost(target.hostname, allowed)) {
        queueMicrotask(() => fail({ kind: "refusedAddress", detail: target.host }))
        return { resume() {}, abort: () => void (finished = true) }
      }
      const request = (target.protocol === "https:" ? https : http).request(target, {
        method: "POST",
        headers: { ...headers, "content-length": String(Buffer.isBuffer(body) ? body.length : body.bytes) },
        agent: false,
        timeout: SILENCE_MS_MAX,
        lookup: guardedLookup(allowed),
      })
      request.on("timeout", () => {
        fail({ kind: "timeout", detail: `no answer from ${target.host} for ${SILENCE_MS_MAX / 1000} s` })
        request.destroy()
      })
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === REFUSED_ADDRESS) return fail({ kind: "refusedAddress", detail: error.message })
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
      if (Buffer.isBuffer(body)) request.end(body)
      else Readable.from(body.chunks()).on("error", (error) => request.destroy(error)).pipe(request)
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
