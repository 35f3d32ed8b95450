import type { ReactNode } from "react"
import { AppShell } from "#components/shell/app-shell.tsx"
import { requireMember } from "#lib/server/session.ts"

async function signOut() { "use server" }

/** Decides the tenancy of every page below, before the first byte: a 404 here is a 404, also above a `loading.tsx`. */
export default async function OrganizationLayout({ params, children }: { readonly params: Promise<{ org: string }>; readonly children: ReactNode }) {
  const member = await requireMember((await params).org)
  return (
    <AppShell
      scope={{ kind: "organization", slug: member.organizationSlug, name: member.organizationName, role: member.role }}
      person={{ name: member.name, email: member.email, isOperator: member.isOperator }}
      organizations={[{ slug: member.organizationSlug, name: member.organizationName }]}
      signOut={signOut}
    >
      {children}
    </AppShell>
  )
}
