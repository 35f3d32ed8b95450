import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { lanes } from "#lib/wire/lanes.ts"
import { admit } from "./admit.ts"
import { sendError, sendJson, sendPreflight } from "./answers.ts"
import { createBreaker } from "./breaker.ts"
import { createDeparture, type Departure } from "./departure.ts"
import { dispatch, SPOOL_FULL } from "./dispatch.ts"
import type { Gateway, GatewayRequest, Reply } from "./exchange.ts"
import { findPrincipal, identify } from "./identify.ts"
import { type Operation, operationAt, operationMethods } from "./paths.ts"
import type { GatewayPorts } from "./ports.ts"
import { NOT_READY, read } from "./read.ts"
import { receive } from "./receive.ts"
import { relay } from "./relay.ts"
import { route } from "./route.ts"
import { queryOf, secretOf } from "./secret.ts"
import { createSettle, failedEnding } from "./settle.ts"

export type GatewaySettings = {
  readonly bodyBytesMax: number
  /** A stream that is silent for so long gets a ping. */
  readonly silenceMs?: number
}

const SILENCE_MS = 15_000

const UNKNOWN_PATH: GatewayError = { code: "not_found", message: "There is nothing at this path. The base URL ends in /api/v1." }
const INTERNAL: GatewayError = { code: "internal_error", message: "Something went wrong here. The request id says where to look in the log." }

/** Whose errors are answered where a path says nothing of a dialect. */
const plainLane = lanes.cc

/** What a call brings along on its way. */
type Exchange = { readonly request: GatewayRequest; readonly reply: Reply; readonly requestId: Id<"request">; readonly departure: Departure }

type CallOperation = Extract<Operation, { readonly kind: "call" }>

/** The gateway of one process (DESIGN.md, "The way of a request"). Both mounts share it: two would be two leases of one budget. */
export function createGateway(ports: GatewayPorts, { bodyBytesMax, silenceMs = SILENCE_MS }: GatewaySettings): Gateway {
  const { clock } = ports
  const breaker = createBreaker(clock.monotonic)
  const running = new Set<Departure>()

  /** receive → identify → route → admit → dispatch → relay → settle */
  async function answerCall({ request, reply, requestId, departure }: Exchange, { dialect, endpoint }: CallOperation): Promise<void> {
    const lane = lanes[dialect]
    const refuse = (error: GatewayError) => sendError(reply, error, lane, requestId)

    const received = await receive(request, { requestId, lane, endpoint, bodyBytesMax, ports })
    if (!received.ok) return received.error === null ? undefined : refuse(received.error)

    const identified = await identify(received.value, ports)
    if (!identified.ok) return refuse(identified.error)

    const config = ports.config()
    if (config === null) return refuse(NOT_READY)
    const routed = route(identified.value, { config, breaker, random: ports.random })
    if (!routed.ok) return refuse(routed.error)

    if (!ports.spool.writable) return refuse(SPOOL_FULL)
    const admitted = await admit(routed.value, ports.quota)
    if (!admitted.ok) return refuse(admitted.error)

    const settle = createSettle(admitted.value, ports)
    let ending = failedEnding("internal_error")
    try {
      const relaying = await dispatch(admitted.value, { breaker, ports, upstream: ports.upstream, clock, departure, silenceMs })
      ending = await relay(relaying, { reply, departure, clock, settle, silenceMs })
    } finally {
      settle(ending)
    }
  }

  async function answerRead({ request, reply, requestId }: Exchange, operation: Exclude<Operation, CallOperation>): Promise<void> {
    const principal = await findPrincipal(secretOf(request), clock.now(), ports)
    if (!principal.ok) return sendError(reply, principal.error, plainLane, requestId)
    const json = await read(operation, queryOf(request.path), principal.value, ports)
    return json.ok ? sendJson(reply, 200, json.value, requestId) : sendError(reply, json.error, plainLane, requestId)
  }

  function answer(exchange: Exchange): void | Promise<void> {
    const { request, reply, requestId } = exchange
    if (request.method === "OPTIONS") return sendPreflight(reply, request.headers, requestId)
    const operation = operationAt(pathnameOf(request.path))
    if (operation === null) return sendError(reply, UNKNOWN_PATH, plainLane, requestId)
    const allowed = operationMethods[operation.kind]
    if (request.method !== allowed && !(request.method === "HEAD" && allowed === "GET")) {
      return sendError(reply, { code: "method_not_allowed", message: `This path answers ${allowed} alone.` }, plainLane, requestId, { allow: `${allowed}, OPTIONS` })
    }
    return operation.kind === "call" ? answerCall(exchange, operation) : answerRead(exchange, operation)
  }

  return {
    async handle(request, reply) {
      const requestId = ports.newId("request")
      const departure = createDeparture(reply)
      running.add(departure)
      try {
        await answer({ request, reply, requestId, departure })
      } catch (error) {
        ports.log("error", "gateway.failed", { requestId, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) })
        abandon(reply, requestId)
      } finally {
        running.delete(departure)
      }
    },
    inFlight: () => running.size,
    abortAll() {
      for (const departure of [...running]) departure.depart("shutdown")
    },
  }
}

/** After a bug: an error where nothing was sent yet, and otherwise an end. */
function abandon(reply: Reply, requestId: string): void {
  try {
    sendError(reply, INTERNAL, plainLane, requestId)
  } catch {
    reply.end()
  }
}

function pathnameOf(path: string): string {
  const mark = path.indexOf("?")
  return mark === -1 ? path : path.slice(0, mark)
}
