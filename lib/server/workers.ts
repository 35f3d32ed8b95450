import type { Container } from "./container.ts"
import { startRounds } from "./rounds.ts"

/** What runs beside requests for as long as the process does: the flusher, the change poller, … */
export type Worker = {
  /** Shown by `GET /api/health`. */
  readonly name: string
  /** Resolves when the worker does its work; a rejection stops the start. */
  start(container: Container): Promise<RunningWorker> | RunningWorker
}

export type RunningWorker = {
  /** Finishes what it began (the flusher: flushes) and resolves. Called once, after the last request has been settled. */
  stop(): Promise<void>
  /** Absent: fine as long as it runs. `false` makes the process unready. */
  healthy?(): boolean
}

/** First, so that whatever is read into memory afterwards is told of its changes. Being behind is no reason to turn requests away. */
const changeFeed: Worker = {
  name: "changes",
  async start({ changes }) {
    await changes.start()
    return { stop: () => changes.stop() }
  },
}

/** Before anything is served: what an earlier process left in its spool is booked first. Without a spool nothing could be booked: 503. */
const money: Worker = {
  name: "money",
  async start({ money: books }) {
    await books.start()
    return { stop: () => books.stop(), healthy: () => books.healthy() }
  },
}

/** Channels, models and prices must be known before the first call. Afterwards an old snapshot is better than none. */
const gateway: Worker = {
  name: "gateway",
  async start({ gatewayRuntime }) {
    await gatewayRuntime.start()
    return { stop: () => gatewayRuntime.stop() }
  },
}

/** Budgets that are nearly used up are told of; nothing waits for it. */
const alertRounds: Worker = {
  name: "alerts",
  start: ({ alertRounds: rounds }) => rounds.start(),
}

/** What has expired is taken back within so long. */
const EXPIRY_ROUND_MS = 5_000

const expiry: Worker = {
  name: "expiry",
  start: ({ lots, log }) =>
    startRounds(
      "expiry",
      EXPIRY_ROUND_MS,
      async () => {
        for (const { organizationId, takenNanoUsd, leasedNanoUsd } of await lots.runRound()) log("info", "credit.expired", { organizationId, takenNanoUsd: takenNanoUsd.toString(), leasedNanoUsd: leasedNanoUsd.toString() })
      },
      log,
    ),
}

/** A new period's allowance is there within so long. */
const RENEWAL_ROUND_MS = 1_000

const renewals: Worker = {
  name: "renewals",
  start: ({ plans, log }) =>
    startRounds(
      "renewals",
      RENEWAL_ROUND_MS,
      async () => {
        for (const organizationId of await plans.runRound()) log("info", "subscription.period", { organizationId })
      },
      log,
    ),
}

/** Started in this order after the migrations, stopped in the reverse one. */
export const workers: readonly Worker[] = [changeFeed, money, gateway, alertRounds, expiry, renewals]
