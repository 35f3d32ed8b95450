import type { Clock } from "#lib/kernel/clock.ts"
import type { Id, NewId } from "#lib/kernel/ids.ts"
import type { LotsRepository, Taken } from "./repository.ts"

/** The rest of a night in which more expires than this is found by the next rounds. */
const ORGANIZATIONS_PER_ROUND_MAX = 200

type Dependencies = { readonly repository: LotsRepository; readonly clock: Clock; readonly newId: NewId }

/** Takes back credit that has ended. Any number of processes may do so at once: whoever has the wallet locked takes, the others find nothing. */
export function createLotsService({ repository, clock, newId }: Dependencies) {
  return {
    /** One round of the worker; says what was taken of whom. Rejects where the database does not answer. */
    async runRound(): Promise<readonly (Taken & { readonly organizationId: Id<"organization"> })[]> {
      const now = new Date(clock.now())
      const round: (Taken & { readonly organizationId: Id<"organization"> })[] = []
      for (const organizationId of await repository.systemListEnding(now, ORGANIZATIONS_PER_ROUND_MAX)) {
        const taken = await repository.systemExpire(organizationId, now, newId)
        if (taken.takenNanoUsd > 0n) round.push({ organizationId, ...taken })
      }
      return round
    },
  }
}

export type LotsService = ReturnType<typeof createLotsService>
