import type { ReactNode } from "react"
import { SignedInShell } from "#app/signed-in-shell.tsx"
import { requireOperator } from "#lib/server/session.ts"

/** To everybody but an operator there is nothing here. */
export default async function OperatorLayout({ children }: { readonly children: ReactNode }) {
  return (
    <SignedInShell scope={{ kind: "operator" }} person={await requireOperator()}>
      {children}
    </SignedInShell>
  )
}
