import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Page } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { removeSearch } from "./actions.ts"
import { SearchForm } from "./search-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("search"))("title") }
}

/** Who searches the web for models whose channels cannot. */
export default async function SearchPage() {
  const operator = await requireOperator()
  const t = await getTranslations("search")
  const search = await container().search.find(operator)
  if (!search.ok) notFound()
  const { value } = search
  const managedBy = value?.managedBy ?? null
  const remove = (
    <ConfirmAction
      action={removeSearch}
      fields={{}}
      title={t("remove.title")}
      description={t("remove.description")}
      confirmLabel={t("remove.confirm")}
      doneMessage={t("remove.done")}
      trigger={<Button variant="outline">{t("remove.action")}</Button>}
    />
  )
  return (
    <Page title={t("title")} description={t("description")} width="narrow" actions={value !== null && managedBy === null && remove}>
      {managedBy !== null && <Alert tone="info">{t("managed", { file: managedBy })}</Alert>}
      <Card>
        <SearchForm key={value === null ? "new" : "set"} search={value} />
      </Card>
    </Page>
  )
}
