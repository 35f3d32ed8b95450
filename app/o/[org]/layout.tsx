import type { ReactNode } from "react"
import { SignedInShell } from "#app/signed-in-shell.tsx"
import { requireMember } from "#lib/server/session.ts"

/** Decides the tenancy of every page below, before the first byte: a 404 here is a 404, also above a `loading.tsx`. */
export default async function OrganizationLayout({ params, children }: { readonly params: Promise<{ org: string }>; readonly children: ReactNode }) {
  const member = await requireMember((await params).org)
  return (
    <SignedInShell scope={{ kind: "organization", slug: member.organizationSlug, name: member.organizationName, role: member.role }} person={member}>
      {children}
    </SignedInShell>
  )
}
