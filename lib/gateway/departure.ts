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
  let listener: (reason: DepartureReason) => void = nobody
  // A plain member: each object that is made with a getter costs 2 µs.
  const departure: { -readonly [K in keyof Departure]: Departure[K] } = {
    place: -1,
    reason: null,
    listen(next) {
      listener = next
      if (departure.reason !== null) next(departure.reason)
    },
    depart(why) {
      if (departure.reason !== null) return
      departure.reason = why
      listener(why)
    },
    forget() {
      listener = nobody
    },
  }
  reply.onClose(() => departure.depart("client"))
  return departure
}
