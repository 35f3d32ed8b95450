import type { Adapter, AdapterAccount, AdapterUser } from "next-auth/adapters"
import type { Identity, ProviderSignIn } from "#lib/features/people/index.ts"
import type { Id } from "#lib/kernel/ids.ts"

/**
 * next-auth's way to our people. A small one of our own: ids are made by us, providers' tokens are not kept, and a proven e-mail
 * takes an account over; the published adapters leave no room for that.
 */
export function authAdapter(people: ProviderSignIn): Adapter {
  const present = (identity: Identity | null) => (identity === null ? null : userOf(identity))
  return {
    getUser: async (id) => present(await people.find(id as Id<"user">)),
    getUserByEmail: async (email) => present(await people.findByEmail(normal(email))),
    getUserByAccount: async ({ provider, providerAccountId }) => present(await people.findByAccount(provider, providerAccountId)),
    createUser: async ({ email, name, emailVerified }: Omit<AdapterUser, "id">) => userOf(await people.create({ email: normal(email), name: name ?? null, emailVerified })),
    async linkAccount({ userId, provider, providerAccountId, type }: AdapterAccount) {
      await people.link(userId as Id<"user">, { provider, providerAccountId, type })
    },
    // Called after a mail's link was followed, and for nothing else.
    async updateUser({ id }) {
      await people.claimEmail(id as Id<"user">)
      const identity = await people.find(id as Id<"user">)
      if (identity === null) throw new Error("the person is gone")
      return userOf(identity)
    },
    async createVerificationToken({ identifier, token, expires }) {
      await people.keepMailToken(identifier, token, expires)
      return { identifier, token, expires }
    },
    useVerificationToken: async ({ identifier, token }) => people.takeMailToken(identifier, token),
  }
}

const normal = (email: string): string => email.trim().toLowerCase()

const userOf = ({ id, email, name, emailVerified }: Identity): AdapterUser => ({ id, email, name, emailVerified })
