import { setTimeout as sleep } from "node:timers/promises"
import type { Behaviour } from "../../e2e/fixtures/behaviour.ts"
import type { Exchange } from "../../e2e/fixtures/exchange.ts"
import { createRandom, type Random } from "./random.ts"
import type { Seat } from "./stage.ts"
import { keyNames, keyOf, messagesModel, models, type Organization, organizations } from "./world.ts"

/** What one call of the run was meant to be, and what its client saw of it. */
export type TortureCall = {
  readonly number: number
  readonly seat: number
  readonly organization: Organization
  readonly streamed: boolean
  readonly startedMs: number
  /** What the provider does at each attempt; the last one stays. */
  readonly behaviours: readonly Behaviour[]
  endedMs: number
  requestId: string | null
  status: number | null
  /** The client has the whole answer, to its last byte. */
  whole: boolean
  finish: string | null
  /** The limit that ended a stream, in the gateway's words. */
  limit: string | null
  exchanges: Exchange[]
}

/** More than a run makes. */
const CALLS_PER_SEED = 1_000_003
const NUMBER_IN_BODY = /call (\d+)\./
const WORD = "Every call has its price, and every price its call. "

const longText = (tokens: number): string => WORD.repeat(Math.ceil((tokens * 4) / WORD.length)).slice(0, tokens * 4)

/** What goes wrong, by how often. All else is answered as it should be. */
const troubles: readonly { readonly weight: number; readonly make: (random: Random) => Behaviour }[] = [
  { weight: 6, make: (random) => ({ delivery: { cut: { atFrame: 1 + random.below(12), by: "break" } } }) },
  { weight: 3, make: () => ({ delivery: { cut: { atFrame: 0, by: "break" } } }) },
  { weight: 4, make: (random) => ({ delivery: { cut: { atFrame: 1 + random.below(12), by: "errorEvent" } } }) },
  { weight: 3, make: (random) => ({ delivery: { cut: { atFrame: 1 + random.below(12), by: "end" } } }) },
  { weight: 2, make: (random) => ({ delivery: { cut: { atFrame: 1 + random.below(12), by: "malformed" } } }) },
  { weight: 1, make: () => ({ delivery: { cut: { atFrame: 2, by: "stall" } } }) },
  { weight: 4, make: () => ({ refusal: { status: 500, message: "The server had an error." } }) },
  { weight: 2, make: () => ({ refusal: { status: 503, message: "The engine is overloaded." } }) },
  { weight: 2, make: () => ({ refusal: { status: 400, message: "The request is not to our taste." } }) },
  { weight: 5, make: () => ({ answer: { usage: "none" } }) },
  { weight: 6, make: (random) => ({ answer: { usage: { input: 50 + random.below(400), cacheRead: random.below(300), output: 2_000 + random.below(30_000) } } }) },
  { weight: 5, make: (random) => ({ answer: { usage: { input: 30, cacheRead: 1 + random.below(2_000), output: 1 + random.below(90) } } }) },
]
const ordinary: readonly { readonly weight: number; readonly make: (random: Random) => Behaviour }[] = [
  { weight: 60, make: () => ({}) },
  { weight: 25, make: (random) => ({ answer: { text: longText(200 + random.below(800)), deltas: 20 }, delivery: { frameEveryMs: 1 + random.below(12) } }) },
  // Longer than what is held at first, so that holds have to grow.
  { weight: 8, make: (random) => ({ answer: { text: longText(3_000 + random.below(12_000)), deltas: 150 }, delivery: { frameEveryMs: 2 + random.below(8) } }) },
]

function draw(random: Random): Behaviour {
  const all = [...ordinary, ...troubles]
  let ticket = random.below(all.reduce((sum, { weight }) => sum + weight, 0))
  for (const { weight, make } of all) {
    if (ticket < weight) return make(random)
    ticket -= weight
  }
  return {}
}

/** Callers that never rest until `over`, and everything they called. What the call of a number is follows from the seed, whoever makes it and when. */
export function createCallers(seed: number) {
  const calls: TortureCall[] = []
  const live = new Map<number, TortureCall>()

  /** For the simulator: which call an exchange belongs to, and what is to become of it. */
  function decide(exchange: Exchange): Behaviour | null {
    const call = live.get(Number(NUMBER_IN_BODY.exec(exchange.bodyText)?.[1] ?? -1))
    if (call === undefined) return null
    call.exchanges.push(exchange)
    return call.behaviours[Math.min(call.exchanges.length, call.behaviours.length) - 1] ?? null
  }

  async function one(seats: readonly Seat[]): Promise<void> {
    const random = createRandom(seed * CALLS_PER_SEED + calls.length)
    const seat = random.pick(seats)
    const organization = random.pick(organizations)
    const messages = random.chance(0.25)
    const streamed = random.chance(0.65)
    const call: TortureCall = {
      number: calls.length,
      seat: seat.number,
      organization,
      streamed,
      startedMs: Date.now(),
      behaviours: [draw(random), draw(random)],
      endedMs: Number.POSITIVE_INFINITY,
      requestId: null,
      status: null,
      whole: false,
      finish: null,
      limit: null,
      exchanges: [],
    }
    calls.push(call)
    live.set(call.number, call)
    const bound = random.pick([null, 60, 400, 16_000, 128_000])
    const body = {
      model: messages ? messagesModel : random.pick(models),
      stream: streamed,
      messages: [{ role: "user", content: `This is call ${call.number}. ${longText(random.below(120))}` }],
      ...((messages || bound !== null) && { max_tokens: bound ?? 1_000 }),
    }
    const leaving = new AbortController()
    const leavesAfterMs = random.chance(0.08) ? random.below(250) : null
    const timer = leavesAfterMs === null ? undefined : setTimeout(() => leaving.abort(), leavesAfterMs)
    try {
      const response = await fetch(`${seat.origin}${messages ? "/api/v1/messages" : "/api/v1/chat/completions"}`, {
        method: "POST",
        headers: { authorization: `Bearer ${keyOf(organization, random.pick(keyNames))}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: leaving.signal,
      })
      call.status = response.status
      call.requestId = response.headers.get("x-turnpike-request-id")
      const text = await response.text()
      call.whole = response.ok && (!streamed || /data: \[DONE\]\n\n$|"type":"message_stop"\}\n\n$/.test(text))
      call.finish = [...text.matchAll(/"(?:finish_reason|stop_reason)":"(\w+)"/g)].at(-1)?.[1] ?? null
      call.limit = /"turnpike":\{"limit":"([^"]+)"/.exec(text)?.[1] ?? null
    } catch {
      // The process was killed, or this client has left: what it saw of the call so far is all there is.
    } finally {
      clearTimeout(timer)
      call.endedMs = Date.now()
    }
    // A refusal comes back at once: nobody asks again so fast.
    if (call.status !== 200) await sleep(call.status === null ? 200 : 20 + random.below(60))
  }

  return {
    calls,
    decide,
    async run(count: number, seats: readonly Seat[], over: () => boolean): Promise<void> {
      await Promise.all(
        Array.from({ length: count }, async () => {
          while (!over()) await one(seats)
        }),
      )
    },
  }
}

export type Callers = ReturnType<typeof createCallers>
