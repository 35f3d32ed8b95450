import type { ReactNode } from "react"
import { SignedInShell } from "#app/signed-in-shell.tsx"
import { requirePerson } from "#lib/server/session.ts"

export default async function AccountLayout({ children }: { readonly children: ReactNode }) {
  return (
    <SignedInShell scope={{ kind: "account" }} person={await requirePerson()}>
      {children}
    </SignedInShell>
  )
}
