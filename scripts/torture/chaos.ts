import { setTimeout as sleep } from "node:timers/promises"
import { createFileGrants, createWalletRepository } from "#lib/features/wallet/index.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Random } from "./random.ts"
import type { Seat, Stage } from "./stage.ts"
import type { Treasury } from "./treasury.ts"
import { organizations } from "./world.ts"

const NANO_USD_PER_DOLLAR = 1_000_000_000n
const newId = createNewId(Date.now, (bytes) => void crypto.getRandomValues(bytes))

export type ChaosOptions = { readonly random: Random; readonly stage: Stage; readonly seats: readonly Seat[]; readonly treasury: Treasury; readonly seconds: number; readonly over: () => boolean; readonly say: (line: string) => void }

/** How often each thing was done, by its name. */
export type Deeds = Readonly<Record<string, number>>

/**
 * Everything that can go wrong around the calls, in an order that the seed decides: processes are killed and started again, one of them
 * for good, the database is stopped and started, its connections are cut, notifications are lost, clocks jump over the end of leases; and
 * people change budgets, keys, prices and wallets meanwhile, and credit expires.
 */
export async function unleash({ random, stage, seats, treasury, seconds, over, say }: ChaosOptions): Promise<Deeds> {
  const deeds: Record<string, number> = {}
  const done = (name: string) => {
    deeds[name] = (deeds[name] ?? 0) + 1
  }
  const startedMs = Date.now()
  const elapsed = () => (Date.now() - startedMs) / 1000 / seconds
  /** The last process never comes back once it is gone. */
  const [lost] = seats.slice(-1)
  const revivals: Promise<void>[] = []

  const reviving = new Set<Seat>()
  async function revive(seat: Seat, afterMs = 0): Promise<void> {
    reviving.add(seat)
    await sleep(afterMs)
    while (!over() && !(await seat.start())) await sleep(200)
    reviving.delete(seat)
  }

  /** False: there was nobody to do it to. */
  const changes: Readonly<Record<string, () => Promise<void | false>>> = {
    async "a process killed"() {
      const standing = seats.filter((seat) => seat.running && !reviving.has(seat))
      const victim = random.pick(standing.filter((seat) => seat !== lost))
      // On a slow machine a start takes seconds: somebody has to be there to be called.
      if (victim === undefined || standing.length < 2) return false
      reviving.add(victim)
      await victim.kill()
      revivals.push(revive(victim, random.below(400)))
    },
    async "connections cut"() {
      stage.line.cut()
    },
    async "notifications lost"() {
      stage.line.loseNotifications(500 + random.below(2_000))
    },
    async "a clock that jumps over its leases' end"() {
      const seat = random.pick(seats.filter(({ running }) => running))
      await stage.database().sql(null, (client) => client.query("UPDATE lease SET state = 'fenced', deadline = now() - interval '1 second' WHERE id IN (SELECT id FROM lease WHERE state = 'active' AND amount > 0 AND random() < 0.3 FOR UPDATE SKIP LOCKED)"))
      seat?.jump(16 * 60_000)
    },
    async "a budget edited"() {
      const factor = random.pick(["0.6", "0.9", "1.3", "2"])
      await stage.database().sql(null, (client) => client.query(`UPDATE quota SET "limit" = ("limit" * $1::numeric)::bigint WHERE id = (SELECT id FROM quota WHERE unit = 'nanoUsd' AND scope <> 'wallet' ORDER BY random() LIMIT 1)`, [factor]))
    },
    async "a wallet topped up"() {
      const name = random.pick(organizations)
      const database = stage.database()
      const { rows } = await database.sql(null, (client) => client.query<{ id: Id<"organization"> }>("SELECT id FROM organization WHERE name = $1", [name]))
      if (rows[0] === undefined) return
      await createFileGrants({ repository: createWalletRepository(database), clock: systemClock, newId }).grant(rows[0].id, "torture", nanoUsd(NANO_USD_PER_DOLLAR / 2n))
    },
    ...treasury.deeds,
  }

  /** A command of its own, for which nothing else waits. */
  let applying: Promise<void> = Promise.resolve()

  async function outage(): Promise<void> {
    await applying
    const ms = Math.min(20_000, (seconds * 1000) / 6)
    say(`  the database is away for ${(ms / 1000).toFixed(1)} s`)
    await stage.stopDatabase()
    await sleep(ms)
    await stage.startDatabase()
  }

  const once: { readonly at: number; readonly name: string; readonly work: () => Promise<void> }[] = [
    { at: 0.2, name: "a process gone for good", work: async () => lost?.kill() },
    { at: 0.3, name: "a key revoked", work: async () => void (await stage.database().sql(null, (client) => client.query("UPDATE api_key SET revoked_at = now() WHERE name = 'doomed'"))) },
    { at: 0.35, name: "a price changed", work: async () => void (applying = stage.apply(1)) },
    { at: 0.55, name: "an outage", work: outage },
  ]
  while (!over()) {
    await sleep(100 + random.below(900))
    // One that ended by itself is told at the end; meanwhile its place is needed.
    for (const seat of seats) if (seat !== lost && !seat.running && !reviving.has(seat)) revivals.push(revive(seat))
    const due = once[0]
    if (due !== undefined && elapsed() >= due.at) {
      once.shift()
      await due.work()
      done(due.name)
      continue
    }
    const name = random.pick(["a process killed", "a process killed", "credit that expires given", ...Object.keys(changes)])
    if ((await changes[name]?.()) !== false) done(name)
  }
  await Promise.all([...revivals, applying])
  return deeds
}
