import type { Id } from "./ids.ts"

export const roles = ["owner", "admin", "billing", "member", "viewer"] as const
export type Role = (typeof roles)[number]

/** A signed-in person. */
export type Person = {
  readonly kind: "person"
  readonly userId: Id<"user">
  readonly email: string
  readonly name: string | null
  readonly isOperator: boolean
  readonly sessionId: Id<"session">
}

/** A person acting inside one of their organizations. */
export type Member = Omit<Person, "kind"> & {
  readonly kind: "member"
  readonly organizationId: Id<"organization">
  readonly organizationSlug: string
  readonly organizationName: string
  readonly timeZone: string
  readonly membershipId: Id<"membership">
  readonly role: Role
}

/** `turnpike apply` and set-up: acts with every right, and marks what it makes as managed by `file`, or by nobody. */
export type Program = { readonly kind: "program"; readonly file: string | null }

export type Actor = Person | Member | Program
