import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { ok } from "#lib/kernel/result.ts"
import type { Rates, UnitRates } from "#lib/ledger/rates.ts"
import type { Growing, Hold, HoldAmounts, QuotaDefinition, QuotaPort, Refusal } from "#lib/quota/types.ts"
import type { GatewayRequest, Reply } from "../exchange.ts"
import { createGateway, type GatewaySettings } from "../handle.ts"
import type { AccountPort, GatewayPorts, KeyLookup, UpstreamFailure, UploadFile, UpstreamRequest, UpstreamSink } from "../ports.ts"
import type { OpenLine, SettleLine } from "../spool-lines.ts"
import { fakeResponses } from "./fake-responses.ts"
import type { ChannelConfig, GatewayConfig, Principal, PublicModel, Target } from "../types.ts"

/** $1 per million input tokens, $2 per million output tokens. */
export const rates = (units: UnitRates = {}): Rates => ({ units: { input: nanoUsd(1_000_000_000n), output: nanoUsd(2_000_000_000n), ...units } })

export const channel = (name: string, changes: Partial<ChannelConfig> = {}): ChannelConfig => ({
  id: `chan_${name}`,
  name,
  providerId: "openai-compatible",
  organizationId: null,
  endpoints: { cc: `https://${name}.example/v1` },
  auth: { default: "bearer" },
  credentials: [{ id: `cred_${name}`, secret: `secret-of-${name}` }],
  priority: 10,
  weight: 1,
  resale: true,
  codingPlan: false,
  allowPrivateNetwork: false,
  drop: [],
  ...changes,
})

export const target = (of: ChannelConfig, changes: Partial<Target> = {}): Target => {
  const price = { id: "price_1" as const, rates: rates() }
  return { channel: of, upstreamModel: "upstream-model", price: { cost: price, sell: price, markupPpm: null }, ...changes }
}

export const model = (name: string, targets: readonly Target[], changes: Partial<PublicModel> = {}): PublicModel => ({
  name,
  contextTokens: 128_000,
  outputTokensMax: 1_000,
  createdAtMs: 1_700_000_000_000,
  targets,
  ...changes,
})

export const config = (...models: readonly PublicModel[]): GatewayConfig => ({ models: new Map(models.map((one) => [one.name, one])), terms: new Map(), validUntilMs: null })

export const principal = (changes: Partial<Principal> = {}): Principal => ({
  keyId: "key_1",
  keyName: "laptop",
  organizationId: "org_1",
  organizationKind: "internal",
  membershipId: "mem_1",
  projectId: null,
  timeZone: "UTC",
  allowedModels: null,
  parameters: "lenient",
  test: false,
  expiresAtMs: null,
  seesChannel: true,
  planId: null,
  allowanceRenewsAtMs: null,
  storesResponses: true,
  quotas: [],
  ...changes,
})

/** A month ends, what holds in total does not. */
const resetOf = ({ window }: QuotaDefinition): number | null => (window === "total" ? null : Date.UTC(2026, 11, 1))

export const quota = (changes: Partial<QuotaDefinition> = {}): QuotaDefinition => ({
  id: "quota_1",
  scope: "key",
  scopeId: "key_1",
  unit: "nanoUsd",
  window: "month",
  windowSeconds: null,
  limit: 1_000_000_000n,
  timeZone: "UTC",
  organizationId: "org_1",
  ...changes,
})

/** Grants what the limits leave, like the leases of one process, and counts its holds and settlements. */
export function fakeQuota() {
  const spent = new Map<string, bigint>()
  const open = new Set<Hold>()
  const growing = new Map<Hold, Growing>()
  const asked: HoldAmounts[] = []
  /** Each extension waits for one of these, if there are any: a lease that has to grow. */
  const waits: Promise<void>[] = []
  /** The same for what is beyond a hold at the end. */
  const covers: Promise<void>[] = []
  let settlements = 0
  const port: QuotaPort = {
    hold(quotas, amounts, _at, grows) {
      asked.push(amounts)
      const granted: { -readonly [U in keyof Hold["granted"]]: Hold["granted"][U] } = {}
      for (const one of quotas) {
        const wanted = amounts[one.unit]
        if (wanted === undefined) continue
        const used = spent.get(one.id) ?? 0n
        const free = one.limit - used
        if (free < wanted.minimum) return { ok: false, reason: "exhausted", quota: one, used, held: 0n, asked: wanted.minimum, resetsAt: resetOf(one) } satisfies Refusal
        const amount = free < wanted.worst ? free : wanted.worst
        granted[one.unit] = granted[one.unit] === undefined || amount < (granted[one.unit] ?? 0n) ? amount : granted[one.unit]
      }
      const hold: Hold = { ok: true, parts: quotas.map((one) => ({ quota: one, windowStart: 0, amount: granted[one.unit] ?? 0n })), granted }
      open.add(hold)
      if (grows !== undefined) growing.set(hold, grows)
      return hold
    },
    extend(hold, amounts) {
      const enlarge = (): Refusal | null => {
        for (const { quota: one } of hold.parts) {
          const wanted = amounts[one.unit]
          if (wanted === undefined) continue
          const used = spent.get(one.id) ?? 0n
          if (wanted.minimum > one.limit - used) return { ok: false, reason: "exhausted", quota: one, used, held: 0n, asked: wanted.minimum, resetsAt: resetOf(one) }
        }
        for (const part of hold.parts as { -readonly [K in keyof Hold["parts"][number]]: Hold["parts"][number][K] }[]) {
          const wanted = amounts[part.quota.unit]
          const left = part.quota.limit - (spent.get(part.quota.id) ?? 0n)
          if (wanted === undefined) continue
          part.amount = wanted.worst < left ? wanted.worst : left
          Object.assign(hold.granted, { [part.quota.unit]: part.amount })
        }
        growing.get(hold)?.noted()
        return null
      }
      asked.push(amounts)
      const wait = waits.shift()
      return wait === undefined ? enlarge() : wait.then(enlarge)
    },
    cover: () => covers.shift(),
    settle(hold, used) {
      if (!open.delete(hold) && hold.parts.length > 0) throw new Error("settled twice")
      settlements++
      const covered = { ...used }
      for (const { quota: one } of hold.parts) {
        const free = one.limit - (spent.get(one.id) ?? 0n)
        const amount = covered[one.unit] ?? 0n
        if (one.unit !== "concurrent" && amount > free) covered[one.unit] = free
      }
      const parts = hold.parts.filter(({ quota: one }) => one.unit !== "concurrent").map(({ quota: one, windowStart }) => ({ quotaId: one.id, windowStart, used: covered[one.unit] ?? 0n }))
      for (const part of parts) spent.set(part.quotaId, (spent.get(part.quotaId) ?? 0n) + part.used)
      return { parts, covered }
    },
    flushed() {},
  }
  const use = (amount: bigint, id = "quota_1") => void spent.set(id, (spent.get(id) ?? 0n) + amount)
  return { port, asked, waits, covers, use, growing: () => [...growing.values()], openHolds: () => open.size, settlements: () => settlements, spent: (id = "quota_1") => spent.get(id) ?? 0n }
}

/** A JSON body, parsed; of a form nothing. */
const bodyOf = ({ body }: UpstreamRequest): Record<string, unknown> => (Buffer.isBuffer(body) && body[0] === 0x7b ? (JSON.parse(body.toString()) as Record<string, unknown>) : {})

export type UpstreamCallSeen = { readonly request: UpstreamRequest; readonly sink: UpstreamSink; readonly body: Record<string, unknown>; aborted: boolean; resumed: number }

/** An upstream whose every call waits for the test, or is answered by `script` in turn. */
export function fakeUpstream() {
  const calls: UpstreamCallSeen[] = []
  const script: ((call: UpstreamCallSeen) => void)[] = []
  return {
    calls,
    script,
    port: {
      call(request: UpstreamRequest, sink: UpstreamSink) {
        const call: UpstreamCallSeen = { request, sink, body: bodyOf(request), aborted: false, resumed: 0 }
        calls.push(call)
        const answer = script.shift()
        if (answer !== undefined) queueMicrotask(() => answer(call))
        return { resume: () => void call.resumed++, abort: () => void (call.aborted = true) }
      },
    },
  }
}

export const whole =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  ({ sink }: UpstreamCallSeen) => {
    sink.onHead(status, { "content-type": typeof body === "string" ? "text/html" : "application/json", ...headers })
    sink.onData(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)))
    sink.onEnd()
  }

export const completion = (content = "hello", usage: object | null = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "upstream-model",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  ...(usage !== null && { usage }),
})

export const event = (fields: object) => `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", model: "upstream-model", ...fields })}\n\n`
export const delta = (content: string) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
export const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })
export const usage = event({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })
export const done = "data: [DONE]\n\n"

export const begin = ({ sink }: UpstreamCallSeen) => sink.onHead(200, { "content-type": "text/event-stream" })
export const send = ({ sink }: UpstreamCallSeen, ...pieces: readonly string[]) => pieces.map((piece) => sink.onData(Buffer.from(piece))).at(-1) ?? true

export const streamed =
  (...pieces: readonly string[]) =>
  (call: UpstreamCallSeen) => {
    begin(call)
    send(call, ...pieces)
    call.sink.onEnd()
  }

export const failing =
  (kind: UpstreamFailure["kind"]) =>
  ({ sink }: UpstreamCallSeen) =>
    sink.onFailure({ kind, detail: "10.0.0.7 said no" })

export type Answered = { status: number; headers: Record<string, string>; body: string; ended: boolean; broken: boolean; json(): Record<string, unknown>; error(): Record<string, unknown> }

/** A reply that keeps what it is told. `slow`: asks for back-pressure after each write. */
export function fakeReply() {
  const answered: Answered = {
    status: 0,
    headers: {},
    body: "",
    ended: false,
    broken: false,
    json: () => JSON.parse(answered.body) as Record<string, unknown>,
    error: () => (answered.json() as { error: Record<string, unknown> }).error,
  }
  const control = { slow: false, drain: () => {}, leave: () => {} }
  const text = (bytes: Buffer | string) => (typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes).toString("utf8")
  const reply: Reply = {
    head(status, headers) {
      if (answered.status !== 0) throw new Error("the head was sent already")
      Object.assign(answered, { status, headers })
    },
    write(bytes) {
      if (answered.ended) throw new Error("written after the end")
      answered.body += text(bytes)
      return !control.slow
    },
    end(bytes) {
      if (answered.ended) throw new Error("ended twice")
      if (bytes !== undefined) answered.body += text(bytes)
      answered.ended = true
    },
    break() {
      if (answered.ended) throw new Error("broken after the end")
      answered.ended = answered.broken = true
    },
    flush() {},
    onDrain: (listener) => void (control.drain = listener),
    onClose: (listener) => void (control.leave = listener),
  }
  return { reply, answered, control }
}

export type BenchOptions = {
  readonly config?: GatewayConfig | null
  readonly principal?: Principal
  readonly lookup?: KeyLookup | Promise<KeyLookup>
  readonly account?: AccountPort
  readonly settings?: Partial<GatewaySettings>
  readonly writable?: boolean
  readonly random?: () => number
  /** Real ones in the place of fakes. */
  readonly ports?: Partial<GatewayPorts>
}

/** A body that comes in one piece. */
function wholeBody(body: string | Buffer): GatewayRequest["chunks"] {
  const pieces = [Buffer.from(body)]
  return () => ({ next: () => Promise.resolve(ok(pieces.shift() ?? null)), release() {} })
}

/** What became of the files that uploads were kept in. */
export type KeptFile = { body: Buffer; closed: boolean }

function fakeUploadFile(kept: KeptFile[]): UploadFile {
  const file: KeptFile = { body: Buffer.alloc(0), closed: false }
  kept.push(file)
  return {
    append(chunk) {
      file.body = Buffer.concat([file.body, chunk])
      return Promise.resolve()
    },
    async *read(start, end) {
      yield await Promise.resolve(file.body.subarray(start, end))
    },
    close: () => void (file.closed = true),
  }
}

/** A gateway whose whole world is fake. */
export function bench(options: BenchOptions = {}) {
  const time = { now: Date.UTC(2026, 10, 25, 12), monotonic: 1_000 }
  const upstream = fakeUpstream()
  const quotas = fakeQuota()
  const responses = fakeResponses()
  const opened: OpenLine[] = []
  const settled: SettleLine[] = []
  const logged: string[] = []
  const health: string[] = []
  const secrets: string[] = []
  const kept: KeptFile[] = []
  let ids = 0
  const ports: GatewayPorts = {
    clock: { now: () => time.now, monotonic: () => time.monotonic },
    newId: (kind) => `${kind === "request" ? "req" : kind}_${++ids}` as Id<typeof kind>,
    random: options.random ?? (() => 0.5),
    keys: { find: (secret) => (secrets.push(secret), options.lookup ?? { kind: "found", principal: options.principal ?? principal() }) },
    config: () => (options.config === undefined ? config(model("public", [target(channel("a"))])) : options.config),
    quota: quotas.port,
    spool: { open: (line) => (opened.push(line), true), settle: (line) => void settled.push(line), durable: () => Promise.resolve(), writable: options.writable ?? true },
    upstream: upstream.port,
    uploads: { create: () => Promise.resolve(fakeUploadFile(kept)) },
    account: options.account ?? { key: () => Promise.reject(new Error("away")), credits: () => Promise.reject(new Error("away")), generation: () => Promise.resolve(null) },
    responses: responses.port,
    tokens: { count: () => Promise.resolve(null) },
    health: { answered: (id) => void health.push(`${id}: answered`), failed: (id, word) => void health.push(`${id}: ${word}`), exhausted: (id, { resetsAtMs }) => void health.push(`${id}: used up until ${resetsAtMs}`) },
    log: (_, event, fields) => void logged.push(`${event} ${JSON.stringify(fields)}`),
    ...options.ports,
  }
  const gateway = createGateway(ports, { bodyBytesMax: 1024 * 1024, bodiesBytesMax: 1024 * 1024 * 1024, ...options.settings })

  /** Starts a call; `over` resolves with the answer when it is settled. */
  function start(request: Partial<Omit<GatewayRequest, "body">> & { readonly body?: string | Buffer | GatewayRequest["body"] } = {}) {
    const { reply, answered, control } = fakeReply()
    const { body = "", ...rest } = request
    const over = gateway
      .handle({ method: "POST", path: "/api/v1/chat/completions", headers: { authorization: "Bearer sk-tp-1" }, ...rest, body: typeof body === "function" ? body : () => Promise.resolve(ok(Buffer.from(body))), chunks: rest.chunks ?? wholeBody(typeof body === "function" ? "" : body) }, reply)
      .then(() => answered)
    return { over, answered, control }
  }
  const chat = (fields: object = {}, headers: GatewayRequest["headers"] = {}) =>
    start({ body: JSON.stringify({ model: "public", messages: [{ role: "user", content: "hi" }], ...fields }), headers: { authorization: "Bearer sk-tp-1", ...headers } })
  const get = (path: string, headers: GatewayRequest["headers"] = { authorization: "Bearer sk-tp-1" }) => start({ method: "GET", path, headers }).over

  return { gateway, ports, time, upstream, quotas, responses, opened, settled, logged, health, secrets, kept, start, chat, get }
}

/** Lets every microtask and immediate run. */
export const soon = () => new Promise((resolve) => setImmediate(resolve))
