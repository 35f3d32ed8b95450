import type { Reply } from "./exchange.ts"

/** Why a call is ended before its answer: the client left, or this process stops. */
export type DepartureReason = "client" | "shutdown"

/** The end of a call from this side. One listener at a time: the stage that is at work. */
export type Departure = {
  readonly reason: DepartureReason | null
  /** Calls the listener when the call is to end; at once where it is over already. */
  listen(listener: (reason: DepartureReason) => void): void
  depart(reason: DepartureReason): void
}

export function createDeparture(reply: Reply): Departure {
  let reason: DepartureReason | null = null
  let listener = (_: DepartureReason): void => {}
  const departure: Departure = {
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
  }
  reply.onClose(() => departure.depart("client"))
  return departure
}
