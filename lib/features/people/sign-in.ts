import type { Clock } from "#lib/kernel/clock.ts"
import type { FeatureError } from "#lib/kernel/feature-error.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Attempts } from "./attempts.ts"
import type { LinkTokens, PasswordHasher } from "./ports.ts"
import type { PeopleRepository } from "./repository.ts"

export type SignInDependencies = {
  readonly repository: PeopleRepository
  readonly passwords: PasswordHasher
  readonly tokens: LinkTokens
  readonly attempts: Attempts
  readonly clock: Clock
}

const wrong: FeatureError = { kind: "invalid", key: "auth.wrongPassword" }

/** The ways to prove who one is that need no other provider. */
export function createSignIn({ repository, passwords, tokens, attempts, clock }: SignInDependencies) {
  return {
    /** Whether a mail may be sent to this address, or an account made from there: counted like a sign-in, and never forgiven. */
    countRequest: (email: string, address: string | null): Promise<Result<unknown, FeatureError>> => attempts.count(email, address),

    /**
     * Checks an e-mail with its password. A stranger's e-mail, an account without a password, a disabled one and a wrong password
     * are the same answer after the same work.
     */
    async withPassword(input: { readonly email: string; readonly password: string }, address: string | null): Promise<Result<Id<"user">, FeatureError>> {
      const attempt = await attempts.count(input.email, address)
      if (!attempt.ok) return attempt
      const person = await repository.systemFindPersonByEmail(input.email)
      const matches = await passwords.verify(person?.passwordHash ?? null, input.password)
      if (!matches || person === null || person.disabledAt !== null) return err(wrong)
      await attempt.value.forgive()
      return ok(person.id)
    },

    /** Uses a one-time sign-in link (`turnpike admin`) up. Its 256 bits need no limit of attempts. */
    async withLink(token: string): Promise<Result<Id<"user">, FeatureError>> {
      const userId = await repository.systemUseSignInLink(tokens.hash(token), new Date(clock.now()))
      return userId === null ? err({ kind: "invalid", key: "auth.linkSpent" }) : ok(userId)
    },
  }
}

export type SignIn = ReturnType<typeof createSignIn>
