import { Building2 } from "lucide-react"
import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { SignedInShell } from "#app/signed-in-shell.tsx"
import { Page } from "#components/page.tsx"
import { Card } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { container } from "#lib/server/container.ts"
import { requirePerson } from "#lib/server/session.ts"
import { timeZones } from "#lib/server/time-zones.ts"
import { CreateOrganizationForm } from "./create-organization-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("organization.new")
  return { title: t("title") }
}

/** Makes an organization; where only the operator may, says whom to ask. */
export default async function NewOrganizationPage() {
  const person = await requirePerson()
  const t = await getTranslations("organization.new")
  const { organizations } = container()
  return (
    <SignedInShell scope={{ kind: "account" }} person={person}>
      <Page title={t("title")} description={t("description")} width="narrow">
        <Card>
          {organizations.mayCreate(person) ? <CreateOrganizationForm timeZones={timeZones()} /> : <EmptyState icon={Building2} title={t("closedTitle")} description={t("closedDescription", { email: person.email })} />}
        </Card>
      </Page>
    </SignedInShell>
  )
}
