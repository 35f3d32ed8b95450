import type { Id } from "#lib/kernel/ids.ts"
import { billedNanoUsd, tokenColumns } from "./booking-sums.ts"
import { isShared, type Shared } from "./shared-fields.ts"
import type { UsageEntry } from "./spool.ts"

/** Usage records as `INSERT_RECORDS` takes them, by their columns' names: what the calls of one key to one target share stands once. */
type RecordLot = { readonly shared: ReturnType<typeof sharedRow>; readonly records: readonly ReturnType<typeof recordRow>[] }

export function recordLots(entries: readonly UsageEntry[], postings: ReadonlyMap<Id<"organization">, Id<"posting">>): readonly RecordLot[] {
  const lots: { readonly first: Shared; readonly shared: RecordLot["shared"]; readonly records: ReturnType<typeof recordRow>[] }[] = []
  for (const entry of entries) {
    const { open } = entry
    let lot = lots.find(({ first }) => isShared(first, open))
    if (lot === undefined) {
      lot = { first: open, shared: sharedRow(open), records: [] }
      lots.push(lot)
    }
    lot.records.push(recordRow(entry, isPosted(entry) ? postings.get(open.organizationId) : undefined))
  }
  return lots.map(({ shared, records }) => ({ shared, records }))
}

/** Pretend calls and calls without any amount have no part in a posting. */
function isPosted(entry: UsageEntry): boolean {
  const { open, settle } = entry
  return !open.test && settle.chargedNanoUsd + settle.absorbedNanoUsd + billedNanoUsd(entry) > 0n
}

function sharedRow(open: Shared) {
  return {
    organization_id: open.organizationId,
    project_id: open.projectId,
    membership_id: open.membershipId,
    key_id: open.keyId,
    model: open.model,
    upstream_model: open.upstreamModel,
    channel_id: open.channelId,
    credential_id: open.credentialId,
    provider_id: open.providerId,
    dialect: open.dialect,
    endpoint: open.endpoint,
    test: open.test,
    streamed: open.streamed,
    cost_price_id: open.costPriceId,
    sell_price_id: open.sellPriceId,
    markup_ppm: open.markupPpm,
    plan: open.plan,
  }
}

/** An entry of the index by response has at most 2,704 bytes (btree); whoever has a longer id finds the call by its request's. */
const RESPONSE_ID_CHARACTERS_MAX = 500
const searchable = (id: string | null): string | null => (id === null || id.length > RESPONSE_ID_CHARACTERS_MAX ? null : id)

function recordRow({ open, settle }: UsageEntry, postingId: Id<"posting"> | undefined) {
  const tokens = tokenColumns(settle.usage)
  return {
    id: open.requestId,
    admitted_at: new Date(open.admittedAtMs).toISOString(),
    status: settle.status,
    error_code: settle.errorCode,
    finish: settle.finish,
    attempts: open.attempts,
    response_id: searchable(settle.responseId),
    route: settle.route,
    input: tokens.input,
    cache_read: tokens.cacheRead,
    cache_write: tokens.cacheWrite,
    output: tokens.output,
    reasoning: tokens.reasoning,
    usage: settle.usage,
    cost_nano_usd: settle.costNanoUsd.toString(),
    charged_nano_usd: settle.chargedNanoUsd.toString(),
    absorbed_nano_usd: settle.absorbedNanoUsd.toString(),
    hold_nano_usd: open.holdNanoUsd.toString(),
    posting_id: postingId ?? null,
    quota_parts: settle.parts.map((part) => [part.quotaId, part.windowStart, part.used.toString()]),
    first_byte_ms: settle.firstByteMs === null ? null : Math.round(settle.firstByteMs),
    duration_ms: Math.round(settle.durationMs),
    client_session: open.clientSession,
  }
}
