import type { Person } from "#lib/kernel/actor.ts"
import { type FeatureError, notFound } from "#lib/kernel/feature-error.ts"
import type { Id } from "#lib/kernel/ids.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { maySignUp, mayUnlink, type SignUpPolicy } from "./policy.ts"
import type { Attempts } from "./attempts.ts"
import type { Basics, PasswordHasher } from "./ports.ts"
import type { PeopleRepository } from "./repository.ts"

export type PeopleDependencies = Basics & {
  readonly repository: PeopleRepository
  readonly passwords: PasswordHasher
  readonly attempts: Attempts
  readonly signUp: SignUpPolicy
  /** Whether a live invitation with this token was made out to this e-mail. */
  readonly isInvited: (token: string, email: string) => Promise<boolean>
  /** Whether one can sign in by mail, so that a person without a password is not locked out. */
  readonly signsInByMail: boolean
}

export type Profile = {
  readonly email: string
  readonly name: string | null
  readonly hasPassword: boolean
  /** Ids of the sign-in providers whose account is linked. */
  readonly linked: readonly string[]
}

/** Accounts: making one, and what people do with their own. */
export function createPeopleService({ repository, passwords, attempts, clock, newId, signUp, isInvited, signsInByMail }: PeopleDependencies) {
  const now = () => new Date(clock.now())

  async function profile(actor: Person): Promise<Profile> {
    const [person, linked] = await Promise.all([repository.systemFindPerson(actor.userId), repository.systemListAccounts(actor.userId)])
    return { email: actor.email, name: actor.name, hasPassword: person?.passwordHash != null, linked: linked.map((account) => account.provider) }
  }

  return {
    profile,

    /** Whether somebody without an account may make one here, with or without an invitation. */
    signUpAllowed: (invited: boolean): boolean => maySignUp(signUp, invited),

    /** Makes an account with a password. With an invitation the e-mail counts as verified: whoever invited vouches for it. */
    async register(input: { readonly name: string; readonly email: string; readonly password: string; readonly invitation?: string | undefined }): Promise<Result<Id<"user">, FeatureError>> {
      const invited = input.invitation !== undefined && (await isInvited(input.invitation, input.email))
      if (!maySignUp(signUp, invited)) return err({ kind: "invalid", key: input.invitation === undefined ? "auth.signUpClosed" : "auth.invitationInvalid" })
      const createdAt = now()
      const id = newId("user")
      const passwordHash = await passwords.hash(input.password)
      const made = await repository.systemInsertPerson({ id, email: input.email, name: input.name, passwordHash, emailVerified: invited ? createdAt : null, createdAt })
      return made ? ok(id) : err({ kind: "conflict", key: "auth.emailTaken", field: "email" })
    },

    async updateProfile(actor: Person, input: { readonly name: string }): Promise<Result<null, FeatureError>> {
      await repository.systemUpdateProfile(actor.userId, { name: input.name })
      return ok(null)
    },

    /** Remembers the language for mails; pages follow the reader's cookie. */
    async updateLocale(actor: Person, input: { readonly locale: string }): Promise<Result<null, FeatureError>> {
      await repository.systemUpdateProfile(actor.userId, { locale: input.locale })
      return ok(null)
    },

    /**
     * Sets a new password, the present one given where there is one, and signs all other browsers out. A wrong one counts like a wrong
     * sign-in: who found a browser open cannot try passwords there.
     */
    async changePassword(actor: Person, input: { readonly current?: string | undefined; readonly password: string }): Promise<Result<null, FeatureError>> {
      const person = await repository.systemFindPerson(actor.userId)
      if (person === null) return err(notFound)
      if (person.passwordHash !== null) {
        const attempt = await attempts.count(actor.email, null)
        if (!attempt.ok) return attempt
        if (!(await passwords.verify(person.passwordHash, input.current ?? ""))) return err({ kind: "invalid", key: "account.wrongPassword", field: "current" })
        await attempt.value.forgive()
      }
      await repository.systemSetPassword(actor.userId, await passwords.hash(input.password), actor.sessionId, now())
      return ok(null)
    },

    /** Takes a linked account of a sign-in provider away, unless it is the last way in. */
    async unlink(actor: Person, input: { readonly provider: string }): Promise<Result<null, FeatureError>> {
      const { linked, hasPassword } = await profile(actor)
      if (!linked.includes(input.provider)) return err(notFound)
      if (!mayUnlink({ hasPassword, linked: linked.length, mail: signsInByMail })) return err({ kind: "conflict", key: "account.lastWayIn" })
      await repository.systemUnlinkAccount(actor.userId, input.provider)
      return ok(null)
    },
  }
}

export type PeopleService = ReturnType<typeof createPeopleService>
