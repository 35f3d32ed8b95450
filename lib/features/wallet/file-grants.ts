import type { Id } from "#lib/kernel/ids.ts"
import { type NanoUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import type { WalletDependencies } from "./service.ts"

/** What `turnpike apply` does with a wallet: the sum of a file's own grants is brought to an amount, whatever was spent or given besides. */
export function createFileGrants({ repository, clock, newId }: WalletDependencies) {
  return {
    async granted(organizationId: Id<"organization">, file: string): Promise<NanoUsd> {
      return nanoUsd(await repository.systemGrantedByFile(organizationId, file))
    },

    /** Posts the difference, which is negative where the file now gives less: then the balance may fall below zero, and nothing more is spent. */
    async grant(organizationId: Id<"organization">, file: string, difference: NanoUsd): Promise<void> {
      const kind = difference > 0n ? "credit" : "adjustment"
      const stamp = { kind, idempotencyKey: `file:${newId("posting")}`, reason: file, authorId: null, managedBy: file, createdAt: new Date(clock.now()) } as const
      await repository.systemCredit(organizationId, { amountNanoUsd: difference, promotional: null, stamp }, newId)
    },
  }
}
