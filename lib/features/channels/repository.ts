import type { Database, Transaction } from "#lib/adapters/database.ts"
import type { Endpoints, Settings } from "#lib/catalog/provider.ts"
import type { Id } from "#lib/kernel/ids.ts"
import type { Prisma } from "#prisma/generated/client.ts"
import type { PlanLimit, PlanWindow } from "./plan-windows.ts"

export type ChannelWrite = {
  readonly name: string
  readonly providerId: string
  readonly baseUrl: string | null
  readonly endpoints: Endpoints
  readonly models: readonly { readonly name: string; readonly upstream: string }[]
  readonly priority: number
  readonly weight: number
  readonly resale: boolean
  readonly allowPrivateNetwork: boolean
  readonly settings: Settings
  readonly managedBy: string | null
}

export type CredentialWrite = { readonly id: Id<"credential">; readonly sealed: string; readonly lastFour: string; readonly createdAt: Date }

/** A plan window's quota, as it is written. */
export type PlanQuota = PlanLimit & { readonly id: Id<"quota"> }
export type PlanQuotaRow = Prisma.QuotaGetPayload<{ include: { windows: true } }>

/** Makes the id of one row of `channel_model`. */
export type ModelRow = { readonly id: Id<"channelModel">; readonly name: string; readonly upstream: string }

const everything = {
  models: { orderBy: { name: "asc" } },
  credentials: { orderBy: { id: "asc" } },
} as const satisfies Prisma.ChannelInclude

export type ChannelRow = Prisma.ChannelGetPayload<{ include: typeof everything }>

/** The operator's channels. They belong to no organization, so every function runs in the system's name and says so. */
export function createChannelsRepository(database: Database) {
  const own = { organizationId: null, deletedAt: null } as const
  return {
    systemList: (): Promise<ChannelRow[]> =>
      database.system((transaction) => transaction.channel.findMany({ where: own, include: everything, orderBy: [{ priority: "asc" }, { name: "asc" }] })),

    systemFind: (id: string): Promise<ChannelRow | null> => database.system((transaction) => transaction.channel.findFirst({ where: { ...own, id }, include: everything })),

    systemFindByName: (name: string): Promise<ChannelRow | null> =>
      database.system((transaction) => transaction.channel.findFirst({ where: { ...own, name }, include: everything })),

    /** False where another live channel has the name. */
    systemCreate: (id: Id<"channel">, channel: ChannelWrite, models: readonly ModelRow[], credentials: readonly CredentialWrite[], createdAt: Date): Promise<boolean> =>
      database.system(async (transaction) => {
        await lockNames(transaction)
        if ((await transaction.channel.count({ where: { ...own, name: channel.name } })) > 0) return false
        await transaction.channel.create({ data: { id, createdAt, ...columnsOf(channel) } })
        await transaction.channelModel.createMany({ data: models.map((model) => ({ ...model, channelId: id })) })
        await transaction.credential.createMany({ data: credentials.map((credential) => ({ ...credential, channelId: id })) })
        return true
      }),

    /** Replaces what a channel is and the models it serves; ids of models that stay are kept. False where the name is another's. */
    systemUpdate: (id: Id<"channel">, channel: ChannelWrite, models: readonly ModelRow[]): Promise<boolean> =>
      database.system(async (transaction) => {
        await lockNames(transaction)
        if ((await transaction.channel.count({ where: { ...own, name: channel.name, id: { not: id } } })) > 0) return false
        await transaction.channel.update({ where: { id }, data: columnsOf(channel) })
        await transaction.channelModel.deleteMany({ where: { channelId: id, name: { notIn: models.map((model) => model.name) } } })
        for (const model of models) {
          await transaction.channelModel.upsert({
            where: { channelId_name: { channelId: id, name: model.name } },
            create: { ...model, channelId: id },
            update: { upstream: model.upstream },
          })
        }
        return true
      }),

    systemSetEnabled: (id: Id<"channel">, enabled: boolean): Promise<unknown> => database.system((transaction) => transaction.channel.update({ where: { id }, data: { enabled } })),

    /** The row stays, since usage names it; the name is free again. */
    systemDelete: (id: Id<"channel">, deletedAt: Date): Promise<unknown> =>
      database.system((transaction) => transaction.channel.update({ where: { id }, data: { enabled: false, deletedAt } })),

    systemAddCredential: (channelId: Id<"channel">, credential: CredentialWrite): Promise<unknown> =>
      database.system((transaction) => transaction.credential.create({ data: { ...credential, channelId } })),

    systemSetCredentialDisabled: (channelId: Id<"channel">, id: Id<"credential">, disabledAt: Date | null): Promise<boolean> =>
      database.system(async (transaction) => (await transaction.credential.updateMany({ where: { id, channelId }, data: { disabledAt } })).count > 0),

    /**
     * Sets a credential's plan windows and the quotas that count them. Quotas of windows that are gone are disabled and not deleted:
     * processes may hold leases on them. What the provider said of the plan is forgotten: a changed plan is asked anew.
     */
    systemSetWindows: (id: Id<"credential">, windows: readonly PlanWindow[], quotas: readonly PlanQuota[], now: Date): Promise<unknown> =>
      database.system(async (transaction) => {
        await transaction.credential.update({ where: { id }, data: { windows: windows.map((window) => ({ ...window })), exhaustedUntil: null } })
        const target = { scope: "credential", scopeId: id } as const
        await transaction.quota.updateMany({ where: { ...target, disabledAt: null }, data: { disabledAt: now } })
        for (const { id: quotaId, unit, window, windowSeconds, limit } of quotas) {
          await transaction.quota.upsert({
            where: { scope_scopeId_unit_window: { ...target, unit, window } },
            create: { id: quotaId, ...target, unit, window, windowSeconds, limit, createdAt: now },
            update: { windowSeconds, limit, disabledAt: null },
          })
        }
      }),

    systemClearExhaustion: (channelId: Id<"channel">, id: Id<"credential">): Promise<boolean> =>
      database.system(async (transaction) => (await transaction.credential.updateMany({ where: { id, channelId }, data: { exhaustedUntil: null } })).count > 0),

    /** The quotas that count the plan windows of these credentials, with what every window since `from` used. */
    systemListPlanQuotas: (credentialIds: readonly string[], from: Date): Promise<PlanQuotaRow[]> =>
      database.system((transaction) =>
        transaction.quota.findMany({
          where: { scope: "credential", scopeId: { in: [...credentialIds] }, disabledAt: null },
          include: { windows: { where: { windowStart: { gte: from } } } },
          orderBy: { id: "asc" },
        }),
      ),

    /** What the calls of a plan would have cost at list prices since then, test calls left out. */
    systemSumPlanValue: (channelId: Id<"channel">, from: Date): Promise<bigint> =>
      database.system(async (transaction) => (await transaction.usageHourly.aggregate({ where: { channelId, hour: { gte: from }, test: false }, _sum: { planNanoUsd: true } }))._sum.planNanoUsd ?? 0n),

    /** Statistics, not configuration: no process has to know, so the triggers leave these columns out. */
    systemRecordOutcome: (id: Id<"channel">, outcome: { readonly at: Date; readonly error: string | null }): Promise<unknown> =>
      database.system((transaction) =>
        transaction.channel.updateMany({
          where: { id },
          data: outcome.error === null ? { lastSuccessAt: outcome.at, lastError: null, lastErrorAt: null } : { lastError: outcome.error, lastErrorAt: outcome.at },
        }),
      ),
  }
}

export type ChannelsRepository = ReturnType<typeof createChannelsRepository>

/** Two forms that are saved at once must not both find a name free. Held until the transaction ends. */
const lockNames = (transaction: Transaction) => transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('turnpike.channel.name'))`

const columnsOf = ({ models: _models, endpoints, settings, ...columns }: ChannelWrite) => ({
  ...columns,
  endpoints: endpoints as Prisma.InputJsonObject,
  settings: settings as Prisma.InputJsonObject,
})
