import type { IncomingMessage, ServerResponse } from "node:http"
import type { BodyChunks, BodyFailure, Gateway, GatewayRequest, Reply } from "#lib/gateway/exchange.ts"
import { isGatewayPath } from "#lib/gateway/paths.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { atEndOfTurn } from "#lib/kernel/turn.ts"

export type FastMount = {
  /** Answers the request and returns true where its path is the gateway's; otherwise touches nothing and returns false. */
  handleNodeRequest(request: IncomingMessage, response: ServerResponse): boolean
}

/** The gateway directly on a `node:http` listener: measured, a Next route handler costs 0.8–1.3 ms CPU per call, this 0.04–0.06. */
export function createFastMount(gateway: Gateway): FastMount {
  return {
    handleNodeRequest(request, response) {
      if (!isGatewayPath(request.url ?? "")) return false
      void gateway.handle(gatewayRequest(request), nodeReply(response))
      return true
    },
  }
}

function gatewayRequest(request: IncomingMessage): GatewayRequest {
  return {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: request.headers,
    body: (bytesMax, take) => readBody(request, bytesMax, take),
    chunks: () => bodyChunks(request),
  }
}

/**
 * Reads a whole body, never holding more than `bytesMax` and one chunk. Whole bodies are handed on together at the end of the turn
 * (`atEndOfTurn`): one call behind the other, each stage finds its code in the processor's caches.
 */
function readBody(request: IncomingMessage, bytesMax: number, take?: (bytes: number) => boolean): Promise<Result<Buffer, BodyFailure>> {
  return new Promise((resolve) => {
    if (Number(request.headers["content-length"] ?? 0) > bytesMax) {
      resolve(err("tooLarge"))
      return
    }
    // The listeners stay: a promise takes its first answer, and taking them off again costs more than leaving them.
    let chunks: Buffer[] = []
    let bytes = 0
    let read = false
    let refused = false
    const refuse = (failure: BodyFailure) => {
      refused = true
      chunks = []
      resolve(err(failure))
    }
    const closed = () => {
      if (!read) resolve(err("closed"))
    }
    request.on("data", (chunk: Buffer) => {
      if (refused) return
      bytes += chunk.length
      if (bytes > bytesMax) return refuse("tooLarge")
      if (take?.(chunk.length) === false) return refuse("noRoom")
      chunks.push(chunk)
    })
    request.on("end", () => {
      read = true
      atEndOfTurn(() => resolve(ok(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))))
    })
    request.on("close", closed).on("error", closed)
  })
}

/** One piece at a time: the client is paused until the next one is asked for. */
function bodyChunks(request: IncomingMessage): BodyChunks {
  let arrived: Result<Buffer | null, "closed"> | null = null
  let waiting: ((next: Result<Buffer | null, "closed">) => void) | null = null
  let released = false
  const bring = (next: Result<Buffer | null, "closed">) => {
    if (released || arrived?.ok === false) return
    if (waiting === null) arrived = next
    else {
      waiting(next)
      waiting = null
    }
  }
  request.on("data", (chunk: Buffer) => {
    if (released) return
    request.pause()
    bring(ok(chunk))
  })
  request.on("end", () => bring(ok(null)))
  request.on("close", () => {
    if (!request.complete) bring(err("closed"))
  })
  request.on("error", () => bring(err("closed")))
  request.pause()
  return {
    next() {
      return new Promise((resolve) => {
        if (arrived !== null) {
          resolve(arrived)
          arrived = null
          return
        }
        waiting = resolve
        request.resume()
      })
    },
    release() {
      released = true
      request.resume()
    },
  }
}

/**
 * Ends leave together (`atEndOfTurn`), behind the spool's lines of the turn; until then no other head may take the place of the one that
 * was given.
 */
function nodeReply(response: ServerResponse): Reply {
  let ended = false
  return {
    head(status, headers) {
      if (ended) throw new Error("an answer that has ended was given another head")
      response.writeHead(status, headers)
    },
    write: (bytes) => response.write(bytes, "latin1"),
    end(bytes) {
      if (ended) return
      ended = true
      // What the client still sends of a body that nobody reads (413, 401) is thrown away, so that the connection can close.
      if (!response.req.complete) response.req.resume()
      atEndOfTurn(() => void response.end(bytes, "latin1"))
    },
    break: () => void response.destroy(),
    flush: () => response.flushHeaders(),
    onDrain: (listener) => void response.on("drain", listener),
    onClose: (listener) =>
      void response.on("close", () => {
        if (!response.writableFinished) listener()
      }),
  }
}
