import type { Role } from "#lib/kernel/actor.ts"

/** Where in the program a shell stands. */
export type Scope =
  | { readonly kind: "organization"; readonly slug: string; readonly name: string; readonly role: Role }
  | { readonly kind: "operator" }
  | { readonly kind: "account" }

/** Whose menu it is. */
export type ShellPerson = { readonly name: string | null; readonly email: string; readonly isOperator: boolean }

/** An organization that the person may switch to. */
export type ShellOrganization = { readonly slug: string; readonly name: string }

export type ShellProps = {
  readonly scope: Scope
  readonly person: ShellPerson
  readonly organizations: readonly ShellOrganization[]
  /** Server action: ends the session and goes to the sign-in page. */
  readonly signOut: () => Promise<void>
}

/** The address below which the scope's pages stand. */
export function rootOf(scope: Scope): string {
  switch (scope.kind) {
    case "organization":
      return `/o/${scope.slug}`
    case "operator":
      return "/operator"
    case "account":
      return "/account"
  }
}
