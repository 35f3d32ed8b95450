import { getRandomValues } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import { createBooking } from "#lib/adapters/booking.ts"
import { openDatabase } from "#lib/adapters/database.ts"
import { FLUSH_MS } from "#lib/adapters/flusher.ts"
import { createLeaseStore } from "#lib/adapters/leases.ts"
import type { UsageEntry } from "#lib/adapters/spool.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import { createLeases } from "#lib/quota/leases.ts"
import { entryOf, makeOrganization, makeQuota, openLine } from "#test/money.ts"

/** What a flusher has to keep up with. */
export const RECORDS_PER_SECOND = 2_000
const ORGANIZATIONS = 20
/** Of each organization, beside its wallet. */
const BUDGETS = 4
const WALLET_NANO_USD = 10n ** 15n
const CHARGE_NANO_USD = 1_000_000n

export type Flushes = { readonly records: number; readonly elapsedMs: number; readonly cpuMicros: number; readonly recordsPerCpuSecond: number }

/**
 * Books usage of 20 organizations with a wallet and four budgets each for about `durationMs`, in flushes as large as 2,000 records a second
 * make them, no faster than that. `cpu` is PostgreSQL's, in microseconds since its start.
 */
export async function measureFlushes(databaseUrl: string, cpu: () => Promise<number>, durationMs: number): Promise<Flushes> {
  const database = openDatabase(databaseUrl, 2)
  try {
    const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))
    const processId = newId("process")
    const leases = createLeases(createLeaseStore(database, newId, processId), { now: Date.now, monotonic: () => performance.now() })
    const book = createBooking(database, newId)
    const payers = await Promise.all(
      Array.from({ length: ORGANIZATIONS }, async () => {
        const { id, wallet } = await makeOrganization(database, { walletNanoUsd: WALLET_NANO_USD })
        const budgets = await Promise.all(Array.from({ length: BUDGETS }, () => makeQuota(database, { organizationId: id, limit: WALLET_NANO_USD })))
        return { id, quotas: wallet === null ? budgets : [wallet, ...budgets] }
      }),
    )
    const call = async (index: number): Promise<UsageEntry> => {
      const { id: organizationId, quotas } = payers[index % payers.length]!
      const hold = await leases.hold(quotas, { nanoUsd: { worst: CHARGE_NANO_USD, minimum: CHARGE_NANO_USD } }, Date.now())
      if ("quota" in hold) throw new Error("a limit of the bench is too small")
      const { parts } = leases.settle(hold, { nanoUsd: CHARGE_NANO_USD })
      return entryOf(openLine({ organizationId, requestId: newId("request"), admittedAtMs: Date.now() }), { chargedNanoUsd: CHARGE_NANO_USD, parts })
    }

    const perFlush = (RECORDS_PER_SECOND * FLUSH_MS) / 1000
    const cpuBefore = await cpu()
    const startedAt = performance.now()
    let records = 0
    while (performance.now() - startedAt < durationMs) {
      const dueAt = startedAt + (records / RECORDS_PER_SECOND) * 1000
      await delay(Math.max(0, dueAt - performance.now()))
      const entries = await Promise.all(Array.from({ length: perFlush }, (_, index) => call(index)))
      await book(processId, entries)
      leases.flushed(entries.flatMap(({ settle }) => settle.parts))
      records += entries.length
    }
    const elapsedMs = performance.now() - startedAt
    const cpuMicros = (await cpu()) - cpuBefore
    await leases.returnAll()
    return { records, elapsedMs, cpuMicros, recordsPerCpuSecond: (records / cpuMicros) * 1_000_000 }
  } finally {
    await database.close()
  }
}
