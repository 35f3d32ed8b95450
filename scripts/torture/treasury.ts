import type { Database } from "#lib/adapters/database.ts"
import { createLotsRepository, createLotsService, endLot, grantLot, reduceLot } from "#lib/features/lots/index.ts"
import { createWalletRepository, createWalletService } from "#lib/features/wallet/index.ts"
import type { Program } from "#lib/kernel/actor.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { Random } from "./random.ts"
import { organizations } from "./world.ts"

const CENT_NANO_USD = 10_000_000n
/** Far behind every era: whatever can end has ended. */
const AFTER_ALL_MS = Date.UTC(2100, 0, 1)
const newId = createNewId(Date.now, (bytes) => void crypto.getRandomValues(bytes))
const operator: Program = { kind: "program", file: null }

/** What is done to the organizations' money during a run. */
export type Treasury = {
  /** By what each is called. False: there was nothing to do it to. */
  readonly deeds: Readonly<Record<string, () => Promise<void | false>>>
}

/** `now` is the processes' time, by which credit expires. */
export function createTreasury(random: Random, database: () => Database, now: () => number, rate: number): Treasury {
  const wallet = () => createWalletService({ repository: createWalletRepository(database()), clock: systemClock, newId })

  async function organizationId(): Promise<Id<"organization">> {
    const row = await database().system((transaction) => transaction.organization.findFirstOrThrow({ where: { name: random.pick(organizations) }, select: { id: true } }))
    return row.id as Id<"organization">
  }

  const stamp = (kind: "credit", reason: string) => ({ kind, idempotencyKey: newId("posting"), reason, authorId: null, managedBy: null, createdAt: new Date(now()) }) as const
  const movement = (id: Id<"organization">, reason: string) => ({ organizationId: id, reason, idempotencyKey: newId("posting") })
  const cents = (most: number) => nanoUsd(BigInt(1 + random.below(most)) * CENT_NANO_USD)

  async function openLot() {
    const lots = await database().system((transaction) => transaction.creditLot.findMany({ where: { endedAt: null, remainingNanoUsd: { gt: 0n } }, select: { id: true, organizationId: true } }))
    if (lots.length === 0) return null
    const lot = random.pick(lots)
    return { lotId: lot.id as Id<"lot">, organizationId: lot.organizationId as Id<"organization">, at: new Date(now()), reason: "the torture" }
  }

  return {
    deeds: {
      async "credit that expires given"() {
        const id = await organizationId()
        const kind = random.pick(["walletPromotional", "planAllowance"] as const)
        const expiresAt = new Date(now() + (500 + random.below(8_000)) * rate)
        await database().system((transaction) => grantLot(transaction, id, { kind, amountNanoUsd: cents(30), expiresAt, source: null, stamp: stamp("credit", "for a while") }, newId))
      },
      async "an allowance reduced"() {
        const lot = await openLot()
        if (lot === null) return false
        const { organizationId: id, ...end } = lot
        const byNanoUsd = cents(10)
        await database().system(async (transaction) => void (random.chance(0.5) ? await endLot(transaction, id, end, newId) : await reduceLot(transaction, id, { ...end, byNanoUsd }, newId)))
      },
      // A refusal is an answer too: what is used or leased cannot be taken.
      async "a balance adjusted"() {
        const id = await organizationId()
        const [direction, kind] = [random.pick(["up", "down"] as const), random.pick(["paid", "promotional"] as const)]
        await wallet().adjust(operator, { ...movement(id, "a correction"), amount: cents(10), direction, kind, overdraw: false })
      },
      async "a call refunded"() {
        const id = await organizationId()
        const calls = await database().system((transaction) => transaction.usageRecord.findMany({ where: { organizationId: id, chargedNanoUsd: { gt: 0n } }, select: { id: true }, take: 50 }))
        if (calls.length === 0) return false
        const call = random.pick(calls)
        await wallet().refundCall(operator, { ...movement(id, "it was cut"), requestId: call.id, amount: random.chance(0.5) ? undefined : nanoUsd(BigInt(1 + random.below(100_000))) })
      },
    },
  }
}

/** Once nobody leases anything, all that can end ends, and nothing may be left of it. */
export async function endAllLots(database: Database): Promise<readonly string[]> {
  await database.system((transaction) => transaction.creditLot.updateMany({ where: { expiresAt: null }, data: { expiresAt: new Date(0) } }))
  await createLotsService({ repository: createLotsRepository(database), clock: { now: () => AFTER_ALL_MS, monotonic: () => 0 }, newId }).runRound()
  const lots = await database.system((transaction) => transaction.creditLot.findMany({ where: { remainingNanoUsd: { gt: 0n } } }))
  return lots.map((lot) => `${lot.remainingNanoUsd} of ${lot.id} are left although it has ended`)
}
