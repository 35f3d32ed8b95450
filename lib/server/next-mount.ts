import type { BodyChunks, Gateway, Reply } from "#lib/gateway/exchange.ts"
import { err, ok } from "#lib/kernel/result.ts"
import { container } from "./container.ts"
import { ensureWorkers } from "./plain-host.ts"
import { readWebBody } from "./web-body.ts"

const NO_BODY_STATUSES: readonly number[] = [204, 304]
const STREAM_BUFFER_BYTES = 64 * 1024

/** Answers a Next route with the process's gateway. */
export async function gatewayRoute(request: Request): Promise<Response> {
  const own = container()
  await ensureWorkers(own)
  return answerWithGateway(own.gateway, request)
}

/** The same `handle` as the fast mount's, behind the web's Request and Response: for `next dev` and plain Next hosts. */
export function answerWithGateway(gateway: Gateway, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  return new Promise((resolve) => {
    const call = { method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers), body: (bytesMax: number, take?: (bytes: number) => boolean) => readWebBody(request, bytesMax, take), chunks: () => bodyChunks(request) }
    void gateway.handle(call, webReply(resolve, request.signal))
  })
}

function webReply(resolve: (response: Response) => void, signal: AbortSignal): Reply {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let drained = () => {}
  let left = () => {}
  let ended = false
  const stream = new ReadableStream<Uint8Array>(
    { start: (made) => void (controller = made), pull: () => drained(), cancel: () => leave() },
    { highWaterMark: STREAM_BUFFER_BYTES, size: (chunk) => chunk.byteLength },
  )
  const leave = () => {
    if (ended) return
    ended = true
    left()
  }
  const enqueue = (bytes: Buffer | string) => controller?.enqueue(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes)
  const write = (bytes: Buffer | string) => {
    if (ended) return true
    enqueue(bytes)
    return (controller?.desiredSize ?? 0) > 0
  }
  signal.addEventListener("abort", leave, { once: true })
  return {
    head: (status, headers) => resolve(new Response(NO_BODY_STATUSES.includes(status) ? null : stream, { status, headers })),
    write,
    end(bytes) {
      if (ended) return
      ended = true
      // Behind the spool's lines of the turn, whose end comes first: Next has a copy of `atEndOfTurn` that knows nothing of the gateway's.
      setImmediate(() => {
        if (bytes !== undefined) enqueue(bytes)
        controller?.close()
      })
    },
    break() {
      if (ended) return
      ended = true
      controller?.error(new Error("the answer broke off"))
    },
    flush: () => {},
    onDrain: (listener) => void (drained = listener),
    onClose: (listener) => void (left = listener),
  }
}

function bodyChunks(request: Request): BodyChunks {
  const reader = request.body?.getReader()
  return {
    async next() {
      try {
        const read = await reader?.read()
        return ok(read?.value === undefined ? null : Buffer.from(read.value.buffer, read.value.byteOffset, read.value.byteLength))
      } catch {
        return err("closed")
      }
    },
    release: () => void reader?.cancel().catch(() => {}),
  }
}
