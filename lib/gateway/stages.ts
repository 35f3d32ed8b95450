import type { ErrorCode, GatewayError } from "#lib/kernel/error-codes.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Growing, Hold, Refusal } from "#lib/quota/types.ts"
import type { Call } from "#lib/wire/call.ts"
import type { AnswerMemory, Remembered } from "#lib/wire/memory.ts"
import type { Answer, CutShort, OwnLane, Seen } from "#lib/wire/raw-lane.ts"
import type { Upload } from "#lib/wire/multipart/form.ts"
import type { Attempted, Prepared, UpstreamLane } from "#lib/wire/upstream-lane.ts"
import type { Demands } from "./demands.ts"
import type { DepartureReason } from "./departure.ts"
import type { RequestHeaders } from "./exchange.ts"
import type { ResponseOwner } from "./ports.ts"
import type { OpenLine, UsageStatus } from "./spool-lines.ts"
import type { SearchConfig } from "./web-search.ts"
import type { CredentialConfig, Principal, PublicModel, Target, TargetPrice } from "./types.ts"

/*
 * What each stage proves. A stage takes the proof of the one before it and adds its own, so that a skipped stage does not compile.
 * The brands can only be given by the stages' own functions.
 */
declare const proof: unique symbol
type Proof<Stage extends string> = { readonly [proof]: { readonly [S in Stage]: true } }

/** Read, bounded and parsed. */
export type Received = Proof<"received"> & {
  readonly requestId: Id<"request">
  readonly receivedAtMs: number
  /** Monotonic: for durations. */
  readonly startedMs: number
  readonly headers: RequestHeaders
  readonly secret: string | null
  readonly lane: OwnLane
  readonly endpoint: string
  /** The pristine body: every attempt is made from it (W-115). */
  readonly body: Buffer
  /** The form that was sent in place of a body. */
  readonly upload?: Upload
  readonly call: Call
}

/** Known by a key. */
export type Identified = Received & Proof<"identified"> & { readonly principal: Principal }

/** How an answer will be found again. */
export type Keeping = {
  readonly memory: AnswerMemory
  readonly owner: ResponseOwner
  /** As its client sent it. */
  readonly call: Call
  /** What its items refer to. */
  readonly holding: readonly Remembered[]
}

/**
 * Everything that it refers to of earlier answers stands in it. Both members are for dialects with a memory: `keeping` null where the
 * answer is not kept, `recalled` what was altered for that.
 */
export type Recalled = Identified & Proof<"recalled"> & { readonly keeping?: Keeping | null; readonly recalled?: readonly string[] }

/** One way to answer the call, allowed for this key and priced. It may serve many calls. */
export type Candidate = {
  readonly target: Target & { readonly price: TargetPrice }
  /** What of an attempt is the same for every call. */
  readonly asked: Attempted["target"]
  /** How the channel is asked on behalf of this client. */
  readonly lane: UpstreamLane
  readonly baseUrl: string
  readonly credential: CredentialConfig | null
  /** What of its requests is the same for every call, unstreamed and streamed: made by the first of each. */
  readonly frames: { whole: RequestFrame | null; streamed: RequestFrame | null }
  /** Who is asked what its model wants to search for, where that is this gateway's work. */
  readonly search?: SearchConfig
}

/** Where a call goes, and the headers of ours. */
export type RequestFrame = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

/** Has at least one candidate. */
export type Routed = Recalled &
  Proof<"routed"> & {
    readonly model: PublicModel
    readonly candidates: readonly Candidate[]
    readonly demands: Demands
    /** Answered by the sandbox: charted as test, no wallet is touched. */
    readonly sandboxed: boolean
    /** The router's words so far; later stages add theirs. */
    readonly words: string[]
  }

/** Holds what it may cost. */
export type Admitted = Routed &
  Proof<"admitted"> & {
    readonly hold: Hold
    /** What the call can cost at most. */
    readonly worstNanoUsd: bigint
    /** How the hold grows with a stream; null: it covers all that the call may bring back. */
    readonly growth: Growth | null
    /** The bound on output that the hold buys, where that is less than what was asked for. */
    readonly clampedOutputTokens: number | null
    /** The attempts so far, with what the last one holds of a coding plan. It is written before each is sent, so that settling knows of it whatever happens. */
    readonly sent: { last: { readonly candidate: Candidate; readonly line: OpenLine; readonly plan: Hold | null } | null }
  }

/**
 * The hold of a stream that is watched as it comes (DESIGN.md, "How much to hold"): it begins with a part of the worst case and is
 * extended while the stream grows, from memory where the lease suffices.
 */
export type Growth = Growing & {
  /** The call has its hold; from now on the hold's changes are written down. */
  begin(admitted: Admitted): void
  /** This stream is what grows. */
  watch(candidate: Candidate, stream: Pick<UpstreamStream, "seen" | "outputTokens">): void
  /**
   * After each piece of the stream: true, it may go on. A promise: it has to wait for its answer. A refusal: the limit that is reached.
   * Asks for more when half of what is held ahead has come, and lets the stream go on meanwhile.
   */
  check(): true | Refusal | Promise<true | Refusal>
}

/** What is held of money at this moment; where no quota counts money, the worst case bounds our own estimates all the same. */
export const heldNanoUsd = ({ hold, worstNanoUsd }: Pick<Admitted, "hold" | "worstNanoUsd">): bigint => hold.granted.nanoUsd ?? worstNanoUsd

/** What a channel did not get of a call, and what it got otherwise (DESIGN.md, invariant 8). */
export type Changes = Pick<Prepared, "dropped" | "changed">

/** What came of the attempts. */
export type Relaying = Admitted & Proof<"relaying"> & { readonly delivery: Delivery }

export type Delivery =
  /** A whole answer, nothing of it sent yet. */
  | ({ readonly kind: "answer"; readonly candidate: Candidate; readonly changes: Changes } & Answer)
  /** A stream that has begun. */
  | { readonly kind: "stream"; readonly candidate: Candidate; readonly changes: Changes; readonly stream: UpstreamStream }
  /** Nothing, and why. */
  | { readonly kind: "nothing"; readonly error: GatewayError }
  /** The call was ended from this side before anything came; `candidate` was at work on it then. */
  | { readonly kind: "abandoned"; readonly reason: DepartureReason; readonly candidate: Candidate | null }

/** An upstream's stream after its first event. */
export type UpstreamStream = {
  /** The provider's own media type. */
  readonly contentType: string
  /** From now on what comes goes to `sink`, beginning with what has come so far. */
  connect(sink: StreamSink): void
  /** Continues after `data` has returned false. */
  resume(): void
  abort(): void
  seen(): Seen
  /** Our estimate of the output tokens so far, of all choices. */
  outputTokens(): number
  /** `StreamReader.answer`. */
  answer(): Buffer | null
  /** Ends the answer here, by a limit of ours; returns what the client still gets. Null: it has ended already. */
  cutShort(end: CutShort): string | null
}

export type StreamSink = {
  /** False: wait for `resume`. */
  data(bytes: Buffer | string): boolean
  /**
   * Called once, last, with the last bytes: so that a call can be booked before its client has the whole answer. `error` null: the
   * answer is whole.
   */
  end(error: GatewayError | null, last: Buffer | string): void
}

/** What a call comes to: usage × price. */
export type Bill = {
  readonly usage: Usage
  readonly costNanoUsd: bigint
  readonly priceNanoUsd: bigint
}

/** How a call ended, for the books. */
export type Ending = {
  readonly status: UsageStatus
  readonly errorCode: ErrorCode | null
  readonly finish: string | null
  readonly responseId: string | null
  readonly bill: Bill
  readonly firstByteMs: number | null
}

/** Booked, and its hold released. */
export type Settled = Proof<"settled"> & { readonly requestId: Id<"request">; readonly chargedNanoUsd: bigint }

/** Settles a call. The first ending counts; asked again, it only says what came of that. */
export type Settle = (ending: Ending) => Settled

/** Every member, undefined where nothing is known of it yet. */
type Places<Call> = { readonly [Member in keyof Required<Call>]: Call[Member] | undefined }

/**
 * The call that everything begins with, with a place for all that the stages will find out. It stays this one object to its end: a copy for
 * each stage is half a KB and 0.2 µs more of a call, and a stream holds three of them for as long as it runs.
 */
export function begun({ requestId, receivedAtMs, startedMs, headers, secret, lane, endpoint, body, upload, call }: Omit<Received, typeof proof>): Received {
  const places: Places<Omit<Relaying, typeof proof>> = {
    requestId,
    receivedAtMs,
    startedMs,
    headers,
    secret,
    lane,
    endpoint,
    body,
    upload,
    call,
    principal: undefined,
    keeping: undefined,
    recalled: undefined,
    model: undefined,
    candidates: undefined,
    demands: undefined,
    sandboxed: undefined,
    words: undefined,
    hold: undefined,
    worstNanoUsd: undefined,
    growth: undefined,
    clampedOutputTokens: undefined,
    sent: undefined,
    delivery: undefined,
  }
  return places as Omit<Received, typeof proof> as Received
}

/** Gives a stage's proof, with what the stage has found out. Only the stage itself calls it. */
export const proven = <Before extends Received, After extends Before>(call: Before, found: Omit<After, keyof Before>): After => Object.assign(call, found) as After

/** Booked: the proof that stands for itself. */
export const booked = (settled: Omit<Settled, typeof proof>): Settled => settled as Settled
