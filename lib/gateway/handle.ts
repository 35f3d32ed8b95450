import { createBag } from "#lib/kernel/bag.ts"
import type { GatewayError } from "#lib/kernel/error-codes.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { err, type Result } from "#lib/kernel/result.ts"
import { type ClientDialect, laneAt, lanes } from "#lib/wire/lanes.ts"
import type { ClientLane } from "#lib/wire/raw-lane.ts"
import { addressedOf } from "./addressed.ts"
import { admit } from "./admit.ts"
import { replyHeaders, sendError, sendJson, sendPreflight } from "./answers.ts"
import { createBodyRoom, isSmallBody } from "./body-room.ts"
import { createBreaker } from "./breaker.ts"
import { countAnswer, countFields } from "./count-call.ts"
import { createTokenCounter } from "./count-tokens.ts"
import { createDeparture, type Departure } from "./departure.ts"
import { dispatch } from "./dispatch.ts"
import type { Gateway, GatewayRequest, Reply } from "./exchange.ts"
import { findPrincipal, identify } from "./identify.ts"
import { type Operation, operationAt, operationMethods } from "./paths.ts"
import type { GatewayPorts } from "./ports.ts"
import { NOT_READY, read, type ReadOperation } from "./read.ts"
import { answerOfKept, type KeptOperation } from "./kept-responses.ts"
import { ownerOf, recall } from "./recall.ts"
import { receive, type ReceiveOptions } from "./receive.ts"
import { relay } from "./relay.ts"
import { remember } from "./remember.ts"
import { route } from "./route.ts"
import { queryOf, secretOf } from "./secret.ts"
import { createSettle, failedEnding } from "./settle.ts"
import type { Admitted, Received, Recalled, Routed } from "./stages.ts"
import { configFor } from "./terms.ts"
import { SPOOL_FULL } from "./upstream-failure.ts"
import { createWays } from "./ways.ts"

export type GatewaySettings = {
  readonly bodyBytesMax: number
  /** All large bodies together that are in memory at one time. */
  readonly bodiesBytesMax: number
  /** A stream that is silent for so long gets a ping. */
  readonly silenceMs?: number
}

const SILENCE_MS = 15_000

const UNKNOWN_PATH: GatewayError = { code: "not_found", message: "There is nothing at this path. The base URL ends in /api/v1, and for Anthropic's clients in /api." }
const INTERNAL: GatewayError = { code: "internal_error", message: "Something went wrong here. The request id says where to look in the log." }

/** Without a key: that somebody is there, and where the calls go. */
const ROOT_JSON = JSON.stringify({ name: "Turnpike", endpoints: ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/models/{model}:generateContent", "/v1/models", "/v1/embeddings", "/v1/images/generations", "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/moderations", "/v1/rerank"] })


/** Whose errors and lists are answered where a path says nothing of a dialect: only Anthropic's clients name a version (W-118), and only Google's bring their key under its name (W-138). */
function dialectOf({ headers, path }: GatewayRequest): ClientDialect {
  if (headers["anthropic-version"] !== undefined) return "am"
  return headers["x-goog-api-key"] !== undefined || queryOf(path)?.has("key") === true ? "gm" : "cc"
}

/** By the name that it gives itself: `claude-cli/2.1.7 (external, cli)`. */
const isClaudeCode = ({ headers }: GatewayRequest): boolean => typeof headers["user-agent"] === "string" && /^claude-(?:cli|code)/i.test(headers["user-agent"])

/** What a call brings along on its way. */
type Exchange = { readonly request: GatewayRequest; readonly reply: Reply; readonly requestId: Id<"request">; readonly departure: Departure; atEnd(close: () => void): void }

/** What a stage comes to: at once where it has its answer, since each wait that is none costs half a microsecond of a call. */
type Outcome<Stage> = Result<Stage, GatewayError> | Promise<Result<Stage, GatewayError>>

type CallOperation = Extract<Operation, { readonly kind: "call" }>
type CountOperation = Extract<Operation, { readonly kind: "count" }>

/** The gateway of one process (DESIGN.md, "The way of a request"). Both mounts share it: two would be two leases of one budget. */
export function createGateway(ports: GatewayPorts, { bodyBytesMax, bodiesBytesMax, silenceMs = SILENCE_MS }: GatewaySettings): Gateway {
  const room = createBodyRoom(bodiesBytesMax)
  const { clock } = ports
  const breaker = createBreaker(clock.monotonic)
  const counter = createTokenCounter(ports)
  const findWays = createWays()
  const running = createBag<Departure>()

  const recallOptions = { ports, bytesMax: bodyBytesMax }
  const routing = (recalled: Recalled): Result<Routed, GatewayError> => {
    const config = ports.config()
    return config === null ? err(NOT_READY) : route(recalled, { config: configFor(config, recalled.principal), findWays, breaker, random: ports.random })
  }
  const admitting = (routed: Routed): Outcome<Admitted> => (ports.spool.writable ? admit(routed, ports) : err(SPOOL_FULL))

  /** The error null: the client left. */
  function receiveCall({ request, requestId, atEnd }: Exchange, operation: CallOperation | CountOperation): Promise<Result<Received, GatewayError | null>> {
    const { dialect, endpoint } = operation
    const addressed = addressedOf(operation, request.path)
    const lane = laneAt(dialect, endpoint, addressed?.streamForm)
    const options = { requestId, lane, endpoint, addressed, bodyBytesMax, take: undefined, ports, atEnd }
    return lane.forms === undefined && isSmallBody(request) ? receive(request, options) : receiveLarge(request, options)
  }

  /** Nobody who has no key sends much: a form may be as large as a file, and other bodies are held in memory. */
  async function receiveLarge(request: GatewayRequest, options: ReceiveOptions): Promise<Result<Received, GatewayError | null>> {
    const sender = await findPrincipal(secretOf(request), clock.now(), ports)
    if (!sender.ok) return sender
    const share = room.shareOf(sender.value.organizationId)
    options.atEnd(share.close)
    return receive(request, { ...options, take: share.take })
  }

  /** identify → recall → route */
  const findWay = (received: Received): Outcome<Routed> => then(then(identify(received, ports), (identified) => recall(identified, recallOptions)), routing)

  /** receive → identify → recall → route → admit → dispatch → relay → settle */
  async function answerCall(exchange: Exchange, operation: CallOperation): Promise<void> {
    const { reply, requestId, departure } = exchange
    const received = await receiveCall(exchange, operation)
    const admission = received.ok ? then(findWay(received.value), admitting) : received
    const admitted = admission instanceof Promise ? await admission : admission
    if (!admitted.ok) return admitted.error === null ? undefined : sendError(reply, admitted.error, lanes[operation.dialect], requestId)

    const settle = createSettle(admitted.value, ports)
    let ending = failedEnding("internal_error")
    try {
      const relaying = await dispatch(admitted.value, { breaker, ports, upstream: ports.upstream, clock, departure, silenceMs })
      const relayed = relay(relaying, { reply, departure, clock, quota: ports.quota, settle, silenceMs })
      ending = relayed instanceof Promise ? await relayed : relayed
      remember(relaying, ending, ports)
    } finally {
      settle(ending)
    }
  }

  async function answerCount(exchange: Exchange, operation: CountOperation): Promise<void> {
    const { reply, requestId, departure } = exchange
    const lane = lanes[operation.dialect]
    const received = await receiveCall(exchange, operation)
    const routed = received.ok ? await findWay(received.value) : received
    const counted = routed.ok ? await counter.count(routed.value, departure) : routed
    if (!counted.ok) return counted.error === null ? undefined : sendError(reply, counted.error, lane, requestId)
    const { inputTokens, estimated } = counted.value
    const field = countFields[operation.dialect]
    return sendJson(reply, 200, countAnswer(operation.dialect, inputTokens), requestId, { ...replyHeaders(requestId, lane), ...(estimated && { "x-turnpike-changed": `${field}=estimated` }) })
  }

  async function answerRead({ request, reply, requestId }: Exchange, operation: ReadOperation): Promise<void> {
    const dialect = dialectOf(request)
    const principal = await findPrincipal(secretOf(request), clock.now(), ports)
    if (!principal.ok) return sendError(reply, principal.error, lanes[dialect], requestId)
    const json = await read(operation, { query: queryOf(request.path), dialect, claudeNames: isClaudeCode(request) }, principal.value, ports)
    return json.ok ? sendJson(reply, 200, json.value, requestId) : sendError(reply, json.error, lanes[dialect], requestId)
  }

  async function answerKept({ request, reply, requestId }: Exchange, operation: KeptOperation): Promise<void> {
    const principal = await findPrincipal(secretOf(request), clock.now(), ports)
    const kept = principal.ok ? await answerOfKept(operation, { method: request.method, query: queryOf(request.path) }, ownerOf(principal.value), ports) : principal
    if (!kept.ok) return sendError(reply, kept.error, lanes.rs, requestId)
    return sendJson(reply, 200, kept.value.body, requestId, { ...replyHeaders(requestId, lanes.rs), "content-type": kept.value.contentType })
  }

  function answer(exchange: Exchange): void | Promise<void> {
    const { request, reply, requestId } = exchange
    if (request.method === "OPTIONS") return sendPreflight(reply, request.headers, requestId)
    const operation = operationAt(pathnameOf(request.path))
    if (operation === null) return sendError(reply, UNKNOWN_PATH, lanes[dialectOf(request)], requestId)
    const allowed: readonly string[] = operationMethods[operation.kind]
    if (!allowed.includes(request.method === "HEAD" ? "GET" : request.method)) {
      return sendError(reply, { code: "method_not_allowed", message: `This path answers ${allowed.join(" and ")} alone.` }, lanes["dialect" in operation ? operation.dialect : dialectOf(request)], requestId, { allow: `${allowed.join(", ")}, OPTIONS` })
    }
    switch (operation.kind) {
      case "call":
        return answerCall(exchange, operation)
      case "count":
        return answerCount(exchange, operation)
      case "root":
        return sendJson(reply, 200, ROOT_JSON, requestId)
      case "models":
      case "model":
      case "key":
      case "credits":
      case "generation":
        return answerRead(exchange, operation)
      case "response":
      case "responseItems":
      case "responseCancel":
        return answerKept(exchange, operation)
    }
  }

  return {
    async handle(request, reply) {
      const requestId = ports.newId("request")
      const departure = createDeparture(reply)
      const closing: (() => void)[] = []
      running.add(departure)
      try {
        await answer({ request, reply, requestId, departure, atEnd: (close) => void closing.push(close) })
      } catch (error) {
        ports.log("error", "gateway.failed", { requestId, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) })
        abandon(reply, lanes[dialectOf(request)], requestId)
      } finally {
        for (const close of closing) close()
        running.remove(departure)
        departure.forget()
      }
    },
    inFlight: () => running.size,
    abortAll() {
      for (const departure of running.all()) departure.depart("shutdown")
    },
  }
}

/** The next stage, where this one came to something. */
function then<Stage, Next>(outcome: Outcome<Stage>, next: (stage: Stage) => Outcome<Next>): Outcome<Next> {
  if (outcome instanceof Promise) return outcome.then((one) => (one.ok ? next(one.value) : one))
  return outcome.ok ? next(outcome.value) : outcome
}

/** After a bug: an error where nothing was sent yet, and otherwise an end. */
function abandon(reply: Reply, lane: ClientLane, requestId: string): void {
  try {
    sendError(reply, INTERNAL, lane, requestId)
  } catch {
    reply.end()
  }
}

function pathnameOf(path: string): string {
  const mark = path.indexOf("?")
  return mark === -1 ? path : path.slice(0, mark)
}
