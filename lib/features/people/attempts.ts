import type { Clock } from "#lib/kernel/clock.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import { networkOf } from "#lib/kernel/network.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { PeopleRepository } from "./repository.ts"

const WINDOW_MS = 15 * 60_000
const FORGET_MS = 24 * 3600_000
/** Failures per window. An address may be an office's, an account is one person's. */
export const ATTEMPTS_PER_ACCOUNT_MAX = 10
export const ATTEMPTS_PER_ADDRESS_MAX = 60

/** Guesses at an account's password, wherever they are made, are counted together. */
export function createAttempts({ repository, clock }: { readonly repository: PeopleRepository; readonly clock: Clock }) {
  return {
    /** Counts an attempt and refuses it where the account or the address (null: not known) has had too many. */
    async count(email: string, address: string | null): Promise<Result<{ forgive(): Promise<void> }, FeatureError>> {
      const now = clock.now()
      const windowStart = new Date(now - (now % WINDOW_MS))
      const subjects = [`email:${email}`, ...(address === null ? [] : [`address:${networkOf(address)}`])]
      const [ofAccount = 0, ofAddress = 0] = await repository.systemCountAttempt(subjects, windowStart, new Date(now - FORGET_MS))
      if (ofAccount > ATTEMPTS_PER_ACCOUNT_MAX || ofAddress > ATTEMPTS_PER_ADDRESS_MAX) {
        return err({ kind: "unavailable", key: "auth.tooManyAttempts", params: { minutes: Math.ceil((windowStart.getTime() + WINDOW_MS - now) / 60_000) } })
      }
      return ok({ forgive: () => repository.systemForgiveAttempt(subjects, windowStart) })
    },
  }
}

export type Attempts = ReturnType<typeof createAttempts>
