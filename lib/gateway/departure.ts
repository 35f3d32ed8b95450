import type { Bagged } from "#lib/kernel/bag.ts"
import type { Reply } from "./exchange.ts"

/** Why a call is ended before its answer: the client left, or this process stops. */
export type DepartureReason = "client" | "shutdown"

/** The end of a call from this side. One listener at a time: the stage that is at work. */
export type Departure = Bagged & {
  readonly reason: DepartureReason | null
  /** Calls the listener when the call is to end; at once where it is over already. */
  listen(listener: (reason: DepartureReason) => void): void
  depart(reason: DepartureReason): void
  /**
   * The call is over, and whoever listened is let go. Measured: otherwise what a listener holds, which is the whole call with its
   * parsed body, lives on through the young collections and is cleared by the full ones alone: a quarter of a call's CPU.
   */
  forget(): void
}

const nobody = (): void => {}

export function createDeparture(reply: Reply): Departure {
  let reason: DepartureReason | null = null
  let listener: (reason: DepartureReason) => void = nobody
  const departure: Departure = {
    place: -1,
    get reason() {
      return reason
    },
    listen(next) {
      listener = next
      if (reason !== null) next(reason)
    },
    depart(why) {
      if (reason !== null) return
      reason = why
      listener(why)
    },
    forget() {
      listener = nobody
    },
  }
  reply.onClose(() => departure.depart("client"))
  return departure
}
