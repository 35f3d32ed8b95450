import type { FeatureError } from "#lib/kernel/feature-error.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { slugOf } from "#lib/kernel/slug.ts"
import type { Basics, LinkTokens, PasswordHasher } from "./ports.ts"
import type { LinkKind, PeopleRepository, PersonRow } from "./repository.ts"

const SETUP_LINK_SECONDS = 24 * 3600
const SIGN_IN_LINK_SECONDS = 15 * 60

export type SetUpDependencies = Basics & {
  readonly repository: PeopleRepository
  readonly passwords: PasswordHasher
  readonly tokens: LinkTokens
}

export type FirstOperator = { readonly name: string; readonly email: string; readonly password: string; readonly organizationName: string }

/** What the machine's own keeper does: the first operator, and the way back in for one who is locked out. */
export function createSetUp({ repository, passwords, tokens, clock, newId }: SetUpDependencies) {
  async function makeLink(kind: LinkKind, userId: PersonRow["id"] | null, seconds: number): Promise<string> {
    const token = tokens.make()
    const createdAt = new Date(clock.now())
    await repository.systemInsertLink({ id: newId("link"), kind, tokenHash: tokens.hash(token), userId, createdAt, expiresAt: new Date(createdAt.getTime() + seconds * 1000) })
    return token
  }

  async function create(input: FirstOperator, tokenHash: string | null): Promise<Result<null, FeatureError>> {
    const createdAt = new Date(clock.now())
    const organizationId = newId("organization")
    const outcome = await repository.systemCreateFirstOperator({
      person: { id: newId("user"), email: input.email, name: input.name, passwordHash: await passwords.hash(input.password), emailVerified: createdAt, createdAt },
      organization: { id: organizationId, slug: slugOf(input.organizationName, organizationId.slice(-8).toLowerCase()), name: input.organizationName },
      membershipId: newId("membership"),
      tokenHash,
    })
    if (outcome === "done") return err({ kind: "conflict", key: "setup.done" })
    if (outcome === "link") return err({ kind: "invalid", key: "setup.linkSpent" })
    return ok(null)
  }

  return {
    /** Whether the installation has an operator; until then a set-up link is printed at each start. */
    operatorExists: (): Promise<boolean> => repository.systemOperatorExists(),

    /** Token of a new set-up link, good for a day and until there is an operator; earlier ones stay good for their day. */
    createSetUpLink: (): Promise<string> => makeLink("setup", null, SETUP_LINK_SECONDS),

    /** Whether a set-up link still works, without using it: none does once there is an operator. */
    isSetUpLink: async (token: string): Promise<boolean> =>
      !(await repository.systemOperatorExists()) && (await repository.systemHasLink("setup", tokens.hash(token), new Date(clock.now()))),

    /** Whether a sign-in link still works, without using it. */
    isSignInLink: (token: string): Promise<boolean> => repository.systemHasLink("signIn", tokens.hash(token), new Date(clock.now())),

    /** `turnpike admin EMAIL`: token of a sign-in link for an operator, good for 15 minutes and once. */
    async createSignInLink(email: string): Promise<Result<string, FeatureError>> {
      const person = await repository.systemFindPersonByEmail(email.trim().toLowerCase())
      if (person === null || !person.isOperator || person.disabledAt !== null) return err({ kind: "notFound", key: "setup.noSuchOperator", params: { email } })
      return ok(await makeLink("signIn", person.id, SIGN_IN_LINK_SECONDS))
    },

    /** Set-up through the page: the link's token authorizes it. */
    createFirstOperator: (input: FirstOperator & { readonly token: string }): Promise<Result<null, FeatureError>> => create(input, tokens.hash(input.token)),

    /** Set-up by TURNPIKE_ADMIN_EMAIL and TURNPIKE_ADMIN_PASSWORD. Does nothing (`setup.done`) while an operator exists. */
    createFirstOperatorFromEnvironment: (input: { readonly email: string; readonly password: string }): Promise<Result<null, FeatureError>> => {
      const email = input.email.trim().toLowerCase()
      const name = email.split("@")[0] ?? email
      return create({ email, password: input.password, name, organizationName: "Main" }, null)
    },
  }
}

export type SetUp = ReturnType<typeof createSetUp>
