import type { Id } from "#lib/kernel/ids.ts"
import { completionTokens, type Usage } from "#lib/kernel/usage.ts"
import type { WalletCharge } from "#lib/ledger/lots.ts"
import type { UsageSums } from "#lib/ledger/postings.ts"
import type { SettledPart } from "#lib/quota/types.ts"
import type { UsageEntry } from "./spool.ts"

const HOUR_MS = 3_600_000

/** The wallet's quota of each organization that has a wallet. */
export type WalletQuotas = ReadonlyMap<Id<"organization">, Id<"quota">>

/** Tokens by the columns of the books; null where the provider said nothing. Audio and images count to their side. */
export function tokenColumns(usage: Usage) {
  return {
    input: sumOf(usage.input, usage.inputAudio, usage.inputImage),
    cacheRead: usage.cacheRead ?? null,
    cacheWrite: sumOf(usage.cacheWrite5m, usage.cacheWrite1h, undefined),
    output: sumOf(usage.output, usage.outputAudio, usage.outputImage),
    reasoning: usage.reasoning ?? null,
  }
}

const sumOf = (a: number | undefined, b: number | undefined, c: number | undefined): number | null =>
  a === undefined && b === undefined && c === undefined ? null : (a ?? 0) + (b ?? 0) + (c ?? 0)

/** What each window was used by, over all entries. A batch meets one or two windows of a quota, so they are looked through. */
export function quotaSums(entries: readonly UsageEntry[]): readonly SettledPart[] {
  const sums = new Map<Id<"quota">, { readonly quotaId: Id<"quota">; readonly windowStart: number; used: bigint }[]>()
  for (const { settle } of entries) {
    for (const { quotaId, windowStart, used } of settle.parts) {
      const windows = sums.get(quotaId)
      const sum = windows?.find((one) => one.windowStart === windowStart)
      if (sum !== undefined) sum.used += used
      else if (windows !== undefined) windows.push({ quotaId, windowStart, used })
      else sums.set(quotaId, [{ quotaId, windowStart, used }])
    }
  }
  return [...sums.values()].flat()
}

/** What the provider will ask for: the cost, save for a plan's, which is paid by subscription and only has a list value. */
export const billedNanoUsd = ({ open, settle }: UsageEntry): bigint => (open.plan ? 0n : settle.costNanoUsd)

/**
 * What goes into the ledger, per organization. A charge is the wallet's exactly as far as the wallet's quota was used by it, so
 * that the two can never differ; test calls are pretend.
 */
export function ledgerSums(entries: readonly UsageEntry[], wallets: WalletQuotas): readonly UsageSums[] {
  const sums = new Map<Id<"organization">, Writable<UsageSums> & { readonly walletCharges: WalletCharge[] }>()
  for (const entry of entries) {
    const { open, settle } = entry
    if (open.test) continue
    const { organizationId, admittedAtMs } = open
    let sum = sums.get(organizationId)
    if (sum === undefined) {
      sum = { organizationId, walletCharges: [], unbilledNanoUsd: 0n, absorbedNanoUsd: 0n, costNanoUsd: 0n }
      sums.set(organizationId, sum)
    }
    const amountNanoUsd = walletPart(settle.parts, wallets.get(organizationId))
    if (amountNanoUsd > 0n) sum.walletCharges.push({ admittedAtMs, amountNanoUsd })
    sum.unbilledNanoUsd += settle.chargedNanoUsd - amountNanoUsd
    sum.absorbedNanoUsd += settle.absorbedNanoUsd
    sum.costNanoUsd += billedNanoUsd(entry)
  }
  return [...sums.values()].filter((one) => one.walletCharges.length > 0 || one.unbilledNanoUsd + one.absorbedNanoUsd + one.costNanoUsd > 0n)
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function walletPart(parts: readonly SettledPart[], walletQuotaId: Id<"quota"> | undefined): bigint {
  return parts.find((part) => part.quotaId === walletQuotaId)?.used ?? 0n
}

/** One row of `usage_hourly`; what an organization's chart adds up. */
export type HourlyRow = {
  readonly organization_id: string
  readonly hour: string
  readonly model: string
  readonly membership_id: string
  readonly key_id: string
  readonly project_id: string
  readonly channel_id: string
  readonly test: boolean
  requests: number
  failures: number
  input: number
  cache_read: number
  cache_write: number
  output: number
  charged_nano_usd: bigint
  cost_nano_usd: bigint
  plan_nano_usd: bigint
  absorbed_nano_usd: bigint
}

/** Entries by hour of admission and by everything a chart can be cut by. */
export function hourlyRows(entries: readonly UsageEntry[]): readonly HourlyRow[] {
  const rows = new Map<string, HourlyRow>()
  for (const entry of entries) {
    const { open, settle } = entry
    const hourMs = Math.floor(open.admittedAtMs / HOUR_MS) * HOUR_MS
    // The model's name comes last: it alone may hold anything.
    const name = `${open.organizationId} ${hourMs} ${open.keyId} ${open.projectId} ${open.channelId} ${open.membershipId} ${open.test} ${open.model}`
    let row = rows.get(name)
    if (row === undefined) {
      row = {
        organization_id: open.organizationId,
        hour: new Date(hourMs).toISOString(),
        model: open.model,
        membership_id: open.membershipId ?? "",
        key_id: open.keyId,
        project_id: open.projectId ?? "",
        channel_id: open.channelId,
        test: open.test,
        requests: 0,
        failures: 0,
        input: 0,
        cache_read: 0,
        cache_write: 0,
        output: 0,
        charged_nano_usd: 0n,
        cost_nano_usd: 0n,
        plan_nano_usd: 0n,
        absorbed_nano_usd: 0n,
      }
      rows.set(name, row)
    }
    const tokens = tokenColumns(settle.usage)
    row.requests += 1
    row.failures += settle.errorCode === null ? 0 : 1
    row.input += tokens.input ?? 0
    row.cache_read += tokens.cacheRead ?? 0
    row.cache_write += tokens.cacheWrite ?? 0
    row.output += completionTokens(settle.usage)
    row.charged_nano_usd += settle.chargedNanoUsd
    row.cost_nano_usd += billedNanoUsd(entry)
    row.plan_nano_usd += settle.costNanoUsd - billedNanoUsd(entry)
    row.absorbed_nano_usd += settle.absorbedNanoUsd
  }
  return [...rows.values()]
}
