import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import { type Bagged, createBag } from "#lib/kernel/bag.ts"
import type { FastMount } from "./fast-mount.ts"
import { exitCodes, Fault } from "./faults.ts"
import type { Health } from "./health.ts"
import { type InboundRules, originForm, prepareInbound } from "./inbound.ts"
import { protectPage } from "./page-policy.ts"

/** A request may take this long to arrive whole: 512 MiB, the largest body limit, at 1 MB/s. */
const REQUEST_ARRIVES_MS_MAX = 600_000
const HEADERS_ARRIVE_MS_MAX = 30_000
/** Longer than the idle timeout of the usual load balancers (60 s), so that they close first and never meet a closing socket. */
const KEEP_ALIVE_MS = 75_000
const HEADER_BYTES_MAX = 32 * 1024
const DRAIN_POLL_MS = 50
const RETRY_AFTER_SECONDS = 2

/** What stands behind the listener. All are set before the health opens. */
export type Doors = {
  /** Null: Next answers the gateway's paths too (`TURNPIKE_MOUNT=next`). */
  readonly gateway: FastMount | null
  readonly pages: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Null: no page of a built portal holds a web socket. `next dev` does. */
  readonly upgrade: ((request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>) | null
}

export type Listener = {
  readonly port: number
  readonly server: Server
  /** Puts what was built behind the listener; until then everything but the health is answered with 503. */
  mount(doors: Doors, rules: InboundRules): void
  /** Waits until every running answer has ended, at most so long. Returns how many are left. */
  drain(msMax: number): Promise<number>
  /** Cuts every connection and frees the port. */
  close(): Promise<void>
}

type Mounted = { readonly doors: Doors; readonly rules: InboundRules }
type Running = Bagged & { readonly response: ServerResponse }

/**
 * Opens the one HTTP listener: gateway paths go straight to the gateway's handler, `/api/health` is answered here, everything else
 * goes to Next. While the process starts or drains, all but the health is 503; during the drain the answers that run go on.
 *
 * Throws a `Fault` with exit code 2 where the port is taken or the address is not ours.
 */
export async function listen(host: string, port: number, health: Health): Promise<Listener> {
  let mounted: Mounted | null = null
  const running = createBag<Running>()

  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_ARRIVE_MS_MAX,
      requestTimeout: REQUEST_ARRIVES_MS_MAX,
      maxHeaderSize: HEADER_BYTES_MAX,
      // An offer of another protocol may be passed over (RFC 9110, 7.8): `curl --http2` and Java's HttpClient offer h2c with every call.
      shouldUpgradeCallback: () => mounted?.doors.upgrade != null,
    },
    (request, response) => {
      if (pathOf(request) === "/api/health") return answerHealth(response, health)
      if (mounted === null || !health.isOpen()) return refuse(request, response, health)
      const mine = { response, place: -1 }
      running.add(mine)
      response.once("close", () => running.remove(mine))
      hand(request, response, mounted)
    },
  )
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const upgrade = mounted?.doors.upgrade
    if (upgrade == null) return void socket.destroy()
    upgrade(request, socket, head).catch(() => socket.destroy())
  })
  await bind(server, host, port)

  return {
    port: (server.address() as AddressInfo).port,
    server,
    mount(doors, rules) {
      mounted = { doors, rules }
    },
    async drain(msMax) {
      for (const { response } of running.all()) if (!response.headersSent) response.setHeader("connection", "close")
      for (let waitedMs = 0; running.size > 0 && waitedMs < msMax; waitedMs += DRAIN_POLL_MS) await sleep(DRAIN_POLL_MS)
      return running.size
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** To the gateway where the path is one of its own, and otherwise to the pages. */
function hand(request: IncomingMessage, response: ServerResponse, { doors, rules }: Mounted): void {
  if (doors.gateway?.handleNodeRequest(request, response)) return
  const target = originForm(request.url ?? "/")
  if (target === null) return void response.writeHead(400, { connection: "close" }).end()
  if (target !== request.url) {
    request.url = target
    if (doors.gateway?.handleNodeRequest(request, response)) return
  }
  prepareInbound(request, rules)
  protectPage(request, response, doors.upgrade !== null)
  doors.pages(request, response).catch(() => response.destroy())
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(bindFault(error, host, port)))
    server.listen(port, host, resolve)
  })
}

function bindFault(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new Fault(`Port ${port} on ${host} is taken by another program: set PORT to a free one.`, exitCodes.usage, error)
    case "EACCES":
      return new Fault(`Port ${port} may not be opened by this user: set PORT to one above 1023.`, exitCodes.usage, error)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Fault(`HOST ${host} is no address of this machine: correct HOST (0.0.0.0 listens on all).`, exitCodes.usage, error)
    case undefined:
    default:
      return error
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "/"
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

function answerHealth(response: ServerResponse, health: Health): void {
  const report = health.report()
  response.writeHead(report.status === "ready" ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" })
  response.end(JSON.stringify(report))
}

/** Before the first and after the last request. In the words of the OpenAI dialect, whose clients try again by themselves on 503. */
function refuse(request: IncomingMessage, response: ServerResponse, health: Health): void {
  const status = health.report().status === "draining" ? "stopping" : "starting"
  const message = `Turnpike is ${status}; try again in a moment.`
  const wantsPage = request.headers.accept?.includes("text/html") ?? false
  response.writeHead(503, {
    "content-type": wantsPage ? "text/plain; charset=utf-8" : "application/json",
    "retry-after": String(RETRY_AFTER_SECONDS),
    "cache-control": "no-store",
    connection: "close",
  })
  response.end(wantsPage ? message : JSON.stringify({ error: { message, type: "server_error", code: "unavailable", param: null } }))
  request.resume()
}
