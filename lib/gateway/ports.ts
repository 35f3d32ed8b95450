import type { Clock } from "#lib/kernel/clock.ts"
import type { NewId } from "#lib/kernel/ids.ts"
import type { QuotaPort } from "#lib/quota/types.ts"
import type { OpenLine, SettleLine } from "./spool-lines.ts"
import type { GatewayConfig, Principal, TargetPrice } from "./types.ts"

/** `unavailable`: the database did not answer and the key is not in memory. That is 503, never 401. */
export type KeyLookup = { readonly kind: "found"; readonly principal: Principal } | { readonly kind: "absent" } | { readonly kind: "unavailable" }

/** Keys by secret. A known key is answered from memory, without a promise. */
export type KeyDirectory = { find(secret: string): KeyLookup | Promise<KeyLookup> }

/**
 * The append-only local file. `open` and `settle` hand their line to the system before they return (measured: 3 µs), so that it
 * survives the death of the process; `durable` resolves when everything written so far is on disk (group `fdatasync`, ≤ 50 ms).
 * `writable` is false when lines can no longer be kept: new requests are then refused with 503.
 */
export type SpoolPort = {
  /** With the prices that the line names. False: the line could not be kept, and the request must not go upstream. */
  open(line: OpenLine, prices: TargetPrice): boolean
  settle(line: SettleLine): void
  durable(): Promise<void>
  readonly writable: boolean
}

export type UpstreamRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly allowPrivateNetwork: boolean
}

/** Receives an answer as it comes. Exactly one of `onEnd` and `onFailure` is called, last. */
export type UpstreamSink = {
  onHead(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void
  /** Returns false to ask for a pause; `resume` of the call continues. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  onFailure(failure: { readonly kind: "connect" | "timeout" | "closed" | "refusedAddress"; readonly detail: string }): void
}

export type UpstreamCall = { resume(): void; abort(): void }

export type UpstreamPort = { call(request: UpstreamRequest, sink: UpstreamSink): UpstreamCall }

/** What the gateway needs of the world. Tests pass their own. */
export type GatewayPorts = {
  readonly clock: Clock
  readonly newId: NewId
  /** 0 ≤ n < 1: for weights among equals. */
  readonly random: () => number
  readonly keys: KeyDirectory
  /** Never waits: the snapshot in memory. Null before the first one was read. */
  readonly config: () => GatewayConfig | null
  readonly quota: QuotaPort
  readonly spool: SpoolPort
  readonly upstream: UpstreamPort
  /** One structured line; never a secret, never a prompt. */
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
}
