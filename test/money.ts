import { getRandomValues, randomBytes } from "node:crypto"
import type { Database } from "#lib/adapters/database.ts"
import type { UsageEntry } from "#lib/adapters/spool.ts"
import { createFileGrants, createWalletRepository } from "#lib/features/wallet/index.ts"
import type { OpenLine, SettleLine } from "#lib/gateway/spool-lines.ts"
import type { TargetPrice } from "#lib/gateway/types.ts"
import { systemClock } from "#lib/kernel/clock.ts"
import { createNewId, type Id } from "#lib/kernel/ids.ts"
import { nanoUsd } from "#lib/kernel/nano-usd.ts"
import { priceVersionId } from "#lib/ledger/price-version.ts"
import { ratesInput } from "#lib/ledger/rates.ts"
import type { QuotaDefinition, QuotaScope, QuotaUnit, QuotaWindowKind } from "#lib/quota/types.ts"

/** A price of $1 per million tokens, in and out. */
const rates = ratesInput.parse({ input: "1", output: "1" })
const priced = { id: priceVersionId(rates), rates }
export const dollarPrice: TargetPrice = { cost: priced, sell: priced, markupPpm: null }

export const randomName = (): string => randomBytes(8).toString("hex")

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))

/** An organization, with a wallet that was given `walletNanoUsd` of credit where that is said. */
export async function makeOrganization(database: Database, options: { readonly walletNanoUsd?: bigint } = {}): Promise<{ readonly id: Id<"organization">; readonly wallet: QuotaDefinition | null }> {
  const name = randomName()
  const id: Id<"organization"> = `org_${name}`
  await database.system((transaction) => transaction.organization.create({ data: { id, slug: name, name, kind: "customer", hasWallet: false } }))
  if (options.walletNanoUsd === undefined) return { id, wallet: null }
  await createFileGrants({ repository: createWalletRepository(database), clock: systemClock, newId }).grant(id, "test", nanoUsd(options.walletNanoUsd))
  const row = await database.system((transaction) => transaction.quota.findFirstOrThrow({ where: { scope: "wallet", scopeId: id } }))
  return { id, wallet: { ...row, id: row.id as Id<"quota">, organizationId: id, timeZone: "UTC" } }
}

type QuotaOptions = {
  readonly organizationId: Id<"organization">
  readonly scope?: QuotaScope
  readonly scopeId?: string
  readonly unit?: QuotaUnit
  readonly window?: QuotaWindowKind
  readonly limit: bigint
  readonly timeZone?: string
}

export async function makeQuota(database: Database, options: QuotaOptions): Promise<QuotaDefinition> {
  const { organizationId, scope = "organization", unit = "nanoUsd", window = "total", limit, timeZone = "UTC" } = options
  const definition: QuotaDefinition = {
    id: `quota_${randomName()}`,
    organizationId,
    scope,
    scopeId: options.scopeId ?? randomName(),
    unit,
    window,
    windowSeconds: null,
    limit,
    timeZone,
  }
  const { timeZone: _, ...row } = definition
  await database.system((transaction) => transaction.quota.create({ data: row }))
  return definition
}

/** An `open` line with everything in it; `over` replaces what a test is about. */
export function openLine(over: Partial<OpenLine> & Pick<OpenLine, "organizationId">): OpenLine {
  return {
    requestId: `req_${randomName()}`,
    admittedAtMs: Date.UTC(2026, 10, 25, 12, 30),
    projectId: null,
    membershipId: null,
    keyId: "key_1",
    test: false,
    model: "glm-4.6",
    upstreamModel: "glm-4.6",
    channelId: "chan_1",
    credentialId: "cred_1",
    providerId: "zhipu",
    dialect: "cc",
    endpoint: "chat/completions",
    streamed: false,
    attempts: 1,
    costPriceId: priced.id,
    sellPriceId: priced.id,
    markupPpm: null,
    holdNanoUsd: 0n,
    holdParts: [],
    clientSession: null,
    plan: false,
    ...over,
  }
}

/** The end of a complete call that cost `chargedNanoUsd`, by default at no margin. */
export function settleLine(over: Partial<SettleLine> & Pick<SettleLine, "requestId" | "chargedNanoUsd">): SettleLine {
  return {
    status: "complete",
    errorCode: null,
    finish: "stop",
    responseId: null,
    route: [],
    usage: { input: Number(over.chargedNanoUsd / 1000n), output: 0 },
    costNanoUsd: over.chargedNanoUsd,
    absorbedNanoUsd: 0n,
    firstByteMs: 12,
    durationMs: 34,
    parts: [],
    ...over,
  }
}

export function entryOf(open: OpenLine, settle: Partial<SettleLine> & Pick<SettleLine, "chargedNanoUsd">): UsageEntry {
  return { open, settle: settleLine({ requestId: open.requestId, ...settle }), prices: [priced] }
}

/** What a quota's window in the database says, over all its windows. */
export async function windowOf(database: Database, quota: QuotaDefinition): Promise<{ readonly used: bigint; readonly leased: bigint }> {
  const windows = await database.system((transaction) => transaction.quotaWindow.findMany({ where: { quotaId: quota.id } }))
  return { used: windows.reduce((sum, one) => sum + one.used, 0n), leased: windows.reduce((sum, one) => sum + one.leased, 0n) }
}
