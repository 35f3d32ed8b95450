import type { Actor, Member } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { nanoUsd, ZERO_USD } from "#lib/kernel/nano-usd.ts"
import { type CallCursor, decodeCursor, encodeCursor } from "./cursor.ts"
import { dayOf } from "./days.ts"
import { callCsvLine, callsCsvHead } from "./export.ts"
import { type Credit, type Forecast, forecastWallet, paceOf, type RecentSpend } from "./forecast.ts"
import { maySeeSpend, seesAllUsage, visibleMembership } from "./policy.ts"
import type { UsageFilter, UsageRepository } from "./repository.ts"
import { daysOf, type Mode, type UsageQuery } from "./schema.ts"
import type { CallPage, Sums, UsageReport } from "./types.ts"

/** Groups listed in the table under the chart. */
const GROUPS_MAX = 100
/** Groups drawn one by one: as many as there are colours that can be told apart. */
const CHARTED_MAX = 7
const CALLS_PER_PAGE = 25
/** Calls that an export reads at a time. */
const EXPORTED_PER_PAGE = 1_000

type Dependencies = { readonly repository: UsageRepository; readonly clock: Clock }

/** Reads what an organization used. Every function narrows to what the member may see, so there is nothing to refuse. */
export function createUsageService({ repository, clock }: Dependencies) {
  const filterOf = (member: Member, query: UsageQuery, mode: Mode): UsageFilter => ({
    ...daysOf(query, dayOf(clock.now(), member.timeZone)),
    timeZone: member.timeZone,
    mode,
    membershipId: visibleMembership(member),
  })

  /** The mode asked for, or live unless there are test calls alone: whoever has only tried the sandbox should see that it worked. */
  async function modeOf(member: Member, query: UsageQuery): Promise<{ mode: Mode; otherMode: boolean }> {
    const [live, test] = await Promise.all((["live", "test"] as const).map((mode) => repository.hasUsage(member.organizationId, filterOf(member, query, mode))))
    const mode = query.mode ?? (test === true && live === false ? "test" : "live")
    return { mode, otherMode: (mode === "live" ? test : live) === true }
  }

  return {
    /** Totals, the largest groups, and the groups by day, of the query's range in the organization's time zone. */
    async report(member: Member, query: UsageQuery): Promise<UsageReport> {
      const { mode, otherMode } = await modeOf(member, query)
      const filter = filterOf(member, query, mode)
      const by = query.by === "member" && !seesAllUsage(member) ? "model" : query.by
      const { groups, cells, charted } = await repository.readReport(member.organizationId, filter, by, query.measure, GROUPS_MAX + 1, CHARTED_MAX)
      return {
        first: filter.first,
        last: filter.last,
        today: dayOf(clock.now(), member.timeZone),
        timeZone: filter.timeZone,
        by,
        mode,
        otherMode,
        totals: addUp(cells.map((cell) => cell.sums)),
        groups: groups.slice(0, GROUPS_MAX),
        moreGroups: groups.length > GROUPS_MAX,
        charted,
        cells,
      }
    },

    /** What was lately spent, by `scope id` of whatever can have a budget and the member may see: what forecasts go by. */
    recentSpend: (member: Member): Promise<ReadonlyMap<string, RecentSpend>> => repository.readRecentSpend(member.organizationId, visibleMembership(member), clock.now()),

    /**
     * How long the organization's credits last, those among them that a plan will give; null where there is too little to go by, and for
     * whoever does not see what everybody spends.
     */
    async walletForecast(actor: Actor, organizationId: Id<"organization">, credits: readonly Credit[]): Promise<Forecast | null> {
      if (!maySeeSpend(actor, organizationId)) return null
      const spend = (await repository.readRecentSpend(organizationId, null, clock.now())).get(`organization ${organizationId}`)
      const pace = spend === undefined ? null : paceOf(spend, "week", clock.now())
      return pace === null ? null : forecastWallet(credits, pace, clock.now())
    },

    /** All calls of the query's range as CSV, newest first, read a page at a time. */
    async *callsCsv(member: Member, query: UsageQuery): AsyncGenerator<string> {
      const { mode } = await modeOf(member, query)
      yield callsCsvHead
      for (let before: CallCursor | null = null; ; ) {
        const calls = await repository.readCalls(member.organizationId, filterOf(member, query, mode), before, EXPORTED_PER_PAGE)
        yield calls.map(callCsvLine).join("")
        const last = calls.at(-1)
        if (last === undefined || calls.length < EXPORTED_PER_PAGE) return
        before = { admittedAtMs: last.admittedAt.getTime(), id: last.id }
      }
    },

    /** One page of the calls of the query's range, newest first; a cursor that is none begins at the newest. */
    async calls(member: Member, query: UsageQuery, mode: Mode): Promise<CallPage> {
      const before = query.before === undefined ? null : decodeCursor(query.before)
      const found = await repository.readCalls(member.organizationId, filterOf(member, query, mode), before, CALLS_PER_PAGE + 1)
      const calls = found.slice(0, CALLS_PER_PAGE)
      const last = calls.at(-1)
      const next = found.length > CALLS_PER_PAGE && last !== undefined ? encodeCursor({ admittedAtMs: last.admittedAt.getTime(), id: last.id }) : null
      return { calls, next }
    },
  }
}

export type UsageService = ReturnType<typeof createUsageService>

const nothing: Sums = { requests: 0, failures: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0, charged: ZERO_USD }

/** The sum of sums. */
function addUp(list: readonly Sums[]): Sums {
  return list.reduce(
    (total, sums) => ({
      requests: total.requests + sums.requests,
      failures: total.failures + sums.failures,
      input: total.input + sums.input,
      cacheRead: total.cacheRead + sums.cacheRead,
      cacheWrite: total.cacheWrite + sums.cacheWrite,
      output: total.output + sums.output,
      charged: nanoUsd(total.charged + sums.charged),
    }),
    nothing,
  )
}
