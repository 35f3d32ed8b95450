import type pg from "pg"
import type { Id } from "#lib/kernel/ids.ts"
import { organizationAccount } from "#lib/ledger/accounts.ts"
import { type Lot, type LotKind, payFromLots, type Payment } from "#lib/ledger/lots.ts"
import { type UsageSums, walletNanoUsd } from "#lib/ledger/postings.ts"
import { BALANCES, LOTS, REDUCE_WITHHELD } from "./booking-sql.ts"
import type { WalletQuotas } from "./booking-sums.ts"

type Payments = ReadonlyMap<Id<"organization">, Payment>
type Organizations = readonly Id<"organization">[]
/** `ended`: it has ended already, and is withheld as far as it is left. */
type OpenLot = Lot & { readonly ended: boolean }

export const noPayment: Payment = { draws: [], paidNanoUsd: 0n }

/** Decides what pays each organization's charges of one flush: lots, in the order of their use, and paid credit. */
export async function payFromWallets(client: pg.PoolClient, sums: readonly UsageSums[], wallets: WalletQuotas): Promise<Payments> {
  const charged = sums.filter((one) => one.walletCharges.length > 0)
  const lots = await readLots(client, charged.map((one) => one.organizationId))
  const balances = await readPaidBalances(client, [...lots].filter(([, list]) => list.some((lot) => lot.endsAtMs !== null)).map(([organizationId]) => organizationId))
  const payments = new Map<Id<"organization">, Payment>()
  for (const one of charged) {
    const { organizationId, walletCharges } = one
    const own = lots.get(organizationId)
    payments.set(organizationId, own === undefined ? { draws: [], paidNanoUsd: walletNanoUsd(one) } : payFromLots(own, walletCharges, balances.get(organizationId) ?? 0n))
  }
  await reduceWithheld(client, payments, lots, wallets)
  return payments
}

async function readLots(client: pg.PoolClient, organizations: Organizations): Promise<ReadonlyMap<Id<"organization">, readonly OpenLot[]>> {
  type Row = { organization_id: Id<"organization">; id: Id<"lot">; kind: LotKind; remaining_nano_usd: string; ends_at_ms: string | null; ended: boolean }
  const { rows } = await client.query<Row>(LOTS, [organizations])
  const lots = rows.map((row) => ({ organizationId: row.organization_id, id: row.id, kind: row.kind, remainingNanoUsd: BigInt(row.remaining_nano_usd), endsAtMs: row.ends_at_ms === null ? null : Number(row.ends_at_ms), ended: row.ended }))
  return Map.groupBy(lots, (lot) => lot.organizationId)
}

/** Paid credit comes before what has ended: only there its balance decides. */
async function readPaidBalances(client: pg.PoolClient, organizations: Organizations): Promise<ReadonlyMap<Id<"organization">, bigint>> {
  if (organizations.length === 0) return new Map()
  const owners = new Map(organizations.map((id) => [organizationAccount(id, "walletPaid").id, id]))
  const { rows } = await client.query<{ account_id: Id<"account">; balance_nano_usd: string }>(BALANCES, [[...owners.keys()]])
  return new Map(rows.map((row) => [owners.get(row.account_id) as Id<"organization">, BigInt(row.balance_nano_usd)]))
}

async function reduceWithheld(client: pg.PoolClient, payments: Payments, lots: ReadonlyMap<Id<"organization">, readonly OpenLot[]>, wallets: WalletQuotas): Promise<void> {
  const quotas: Id<"quota">[] = []
  const amounts: bigint[] = []
  for (const [organizationId, { draws }] of payments) {
    const ended = new Set(lots.get(organizationId)?.filter((lot) => lot.ended).map((lot) => lot.id))
    const drawn = draws.filter((draw) => ended.has(draw.lotId)).reduce((sum, draw) => sum + draw.amountNanoUsd, 0n)
    const quotaId = wallets.get(organizationId)
    if (drawn === 0n || quotaId === undefined) continue
    quotas.push(quotaId)
    amounts.push(drawn)
  }
  if (quotas.length > 0) await client.query(REDUCE_WITHHELD, [quotas, amounts])
}
