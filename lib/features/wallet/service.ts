import type { Actor } from "#lib/kernel/actor.ts"
import type { Clock } from "#lib/kernel/clock.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import { type Id, isId, type NewId } from "#lib/kernel/ids.ts"
import { type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { windowAt } from "#lib/quota/windows.ts"
import { mayCredit, maySeeWallet } from "./policy.ts"
import type { StatementRow, WalletRepository } from "./repository.ts"
import { type CreditInput, statementMonth } from "./schema.ts"

export type WalletDependencies = { readonly repository: WalletRepository; readonly clock: Clock; readonly newId: NewId }

export type WalletBalance = {
  /** All credits. */
  readonly creditedNanoUsd: NanoUsd
  readonly usedNanoUsd: NanoUsd
  /** What running calls hold, and what ended ones used in the last moments. */
  readonly heldNanoUsd: NanoUsd
  /** Credited less used. */
  readonly balanceNanoUsd: NanoUsd
  /** The balance by where it came from; promotional credit is used first. */
  readonly paidNanoUsd: NanoUsd
  readonly promotionalNanoUsd: NanoUsd
}

/** A month of a wallet: what it began with, what moved it, and what it came to. */
export type Statement = {
  readonly month: string
  readonly openingNanoUsd: NanoUsd
  readonly lines: readonly StatementRow[]
  readonly closingNanoUsd: NanoUsd
}

/** An organization's prepaid money. `balance` null: the organization has no wallet, and so no wallet limit. */
export function createWalletService({ repository, clock, newId }: WalletDependencies) {
  async function findWallet(actor: Actor, organizationId: string) {
    if (!isId("organization", organizationId) || !maySeeWallet(actor, organizationId)) return null
    const wallet = await repository.find(organizationId)
    return wallet === null ? null : { organizationId, wallet }
  }

  return {
    mayCredit,
    maySeeWallet,

    /** Gives credit. The same idempotency key again changes nothing; with another amount it is a conflict. */
    async credit(actor: Actor, input: CreditInput): Promise<Result<null, FeatureError>> {
      if (!mayCredit(actor) || !isId("organization", input.organizationId)) return err(notFound)
      const { organizationId, amount } = input
      const posted = await repository.systemCredit(
        organizationId,
        {
          amountNanoUsd: amount,
          promotional: input.kind === "paid" ? null : { expiresAt: null },
          stamp: {
            kind: "credit",
            idempotencyKey: `credit:${organizationId}:${input.idempotencyKey}`,
            reason: input.reason,
            authorId: actor.kind === "program" ? null : actor.userId,
            managedBy: null,
            createdAt: new Date(clock.now()),
          },
        },
        newId,
      )
      if (posted === null) return err(notFound)
      return posted === amount ? ok(null) : err({ kind: "conflict", key: "wallet.keyReused", field: "idempotencyKey" })
    },

    async balance(actor: Actor, organizationId: string): Promise<Result<WalletBalance | null, FeatureError>> {
      const found = await findWallet(actor, organizationId)
      if (found === null) return err(notFound)
      const { wallet } = found
      if (!wallet.hasWallet) return ok(null)
      return ok({
        creditedNanoUsd: nanoUsd(wallet.creditedNanoUsd),
        usedNanoUsd: nanoUsd(wallet.usedNanoUsd),
        heldNanoUsd: nanoUsd(wallet.heldNanoUsd),
        balanceNanoUsd: nanoUsd(wallet.creditedNanoUsd - wallet.usedNanoUsd),
        paidNanoUsd: nanoUsd(wallet.paidNanoUsd),
        promotionalNanoUsd: nanoUsd(wallet.promotionalNanoUsd),
      })
    },

    /** One month, by the organization's calendar. It closes on what the next one opens with. */
    async statement(actor: Actor, organizationId: string, month: string): Promise<Result<Statement, FeatureError>> {
      const found = await findWallet(actor, organizationId)
      if (found === null || !statementMonth.safeParse(month).success) return err(notFound)
      const { timeZone } = found.wallet
      // The 15th lies in the month in every time zone.
      const { startMs, endMs } = windowAt({ window: "month", windowSeconds: null, timeZone }, Date.parse(`${month}-15T00:00:00Z`))
      const { openingNanoUsd, rows } = await repository.statement(found.organizationId, new Date(startMs), new Date(endMs ?? startMs), timeZone)
      const moved = rows.reduce((sum, row) => sum + row.amountNanoUsd, 0n)
      return ok({ month, openingNanoUsd: nanoUsd(openingNanoUsd), lines: rows, closingNanoUsd: nanoUsd(openingNanoUsd + moved) })
    },
  }
}

export type WalletService = ReturnType<typeof createWalletService>

/** What `turnpike apply` does with a wallet: the sum of a file's own grants is brought to an amount, whatever was spent or given besides. */
export function createFileGrants({ repository, clock, newId }: WalletDependencies) {
  return {
    async granted(organizationId: Id<"organization">, file: string): Promise<NanoUsd> {
      return nanoUsd(await repository.systemGrantedByFile(organizationId, file))
    },

    /** Posts the difference, which is negative where the file now gives less: then the balance may fall below zero, and nothing more is spent. */
    async grant(organizationId: Id<"organization">, file: string, difference: NanoUsd): Promise<void> {
      await repository.systemCredit(
        organizationId,
        {
          amountNanoUsd: difference,
          promotional: null,
          stamp: {
            kind: difference > 0n ? "credit" : "adjustment",
            idempotencyKey: `file:${newId("posting")}`,
            reason: file,
            authorId: null,
            managedBy: file,
            createdAt: new Date(clock.now()),
          },
        },
        newId,
      )
    },
  }
}
