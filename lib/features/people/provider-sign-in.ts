import type { Id } from "#lib/kernel/ids.ts"
import { maySignUp, type SignUpPolicy } from "./policy.ts"
import type { Basics } from "./ports.ts"
import type { PeopleRepository, PersonRow, ProviderAccount } from "./repository.ts"

export type ProviderSignInDependencies = Basics & {
  readonly repository: PeopleRepository
  readonly signUp: SignUpPolicy
  readonly isInvited: (token: string, email: string) => Promise<boolean>
}

/** What somebody brings who comes back from another provider, or from a mail. */
export type Arrival = {
  readonly account: ProviderAccount | null
  readonly email: string | null
  /** The invitation whose page they came from. */
  readonly invitation: string | null
  /** Whether this browser is signed in already: then the account is linked to that person. */
  readonly signedIn: boolean
}

export type Identity = Pick<PersonRow, "id" | "email" | "name" | "emailVerified">

/** Sign-in by another provider's account, or by a mail. An account is never found by its e-mail: that would let a provider vouch for our people. */
export function createProviderSignIn({ repository, signUp, isInvited, clock, newId }: ProviderSignInDependencies) {
  const now = () => new Date(clock.now())
  return {
    find: (id: Id<"user">): Promise<Identity | null> => repository.systemFindPerson(id),
    findByEmail: (email: string): Promise<Identity | null> => repository.systemFindPersonByEmail(email),
    findByAccount: (provider: string, providerAccountId: string): Promise<Identity | null> => repository.systemFindPersonByAccount(provider, providerAccountId),

    /** Whether they may come in: known and not disabled, about to be linked, or allowed to sign up. */
    async mayEnter({ account, email, invitation, signedIn }: Arrival): Promise<"yes" | "disabled" | "closed" | "noEmail"> {
      const known = account === null ? await repository.systemFindPersonByEmail(email ?? "") : await repository.systemFindPersonByAccount(account.provider, account.providerAccountId)
      if (known !== null) return known.disabledAt === null ? "yes" : "disabled"
      if (signedIn && account !== null) return "yes"
      if (email === null) return "noEmail"
      const invited = invitation !== null && (await isInvited(invitation, email))
      return maySignUp(signUp, invited) ? "yes" : "closed"
    },

    /** Makes an account without a password. Throws where the e-mail has one already: `mayEnter` and next-auth ask before. */
    async create(input: { readonly email: string; readonly name: string | null; readonly emailVerified: Date | null }): Promise<Identity> {
      const row = { id: newId("user"), ...input, passwordHash: null, createdAt: now() }
      if (!(await repository.systemInsertPerson(row))) throw new Error("an account with this e-mail exists")
      return row
    },

    link: (userId: Id<"user">, account: ProviderAccount): Promise<void> => repository.systemLinkAccount(userId, account),

    /** The e-mail was proven by a mail that arrived. */
    claimEmail: (userId: Id<"user">): Promise<void> => repository.systemClaimEmail(userId, now()),

    keepMailToken: (identifier: string, token: string, expires: Date): Promise<void> => repository.systemInsertMailToken(identifier, token, expires),
    takeMailToken: (identifier: string, token: string) => repository.systemTakeMailToken(identifier, token),
  }
}

export type ProviderSignIn = ReturnType<typeof createProviderSignIn>
