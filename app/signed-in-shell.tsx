import type { ReactNode } from "react"
import { AppShell } from "#components/shell/app-shell.tsx"
import type { Scope } from "#components/shell/scope.ts"
import type { Member, Person } from "#lib/kernel/actor.ts"
import { container } from "#lib/server/container.ts"
import { signOut } from "./sign-out.ts"

/** The shell of a layout, with the person's own organizations to switch to. The layout has decided who may be here. */
export async function SignedInShell({ scope, person, children }: { readonly scope: Scope; readonly person: Person | Member; readonly children: ReactNode }) {
  const { organizations } = container()
  return (
    <AppShell scope={scope} person={{ name: person.name, email: person.email, isOperator: person.isOperator }} organizations={await organizations.listMine(person)} signOut={signOut}>
      {children}
    </AppShell>
  )
}
