import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { Page } from "#components/page.tsx"
import { Card } from "#components/ui/card.tsx"
import { requireOperator } from "#lib/server/session.ts"
import { createPlan } from "../actions.ts"
import { PlanForm } from "../plan-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("plans"))("new") }
}

export default async function NewPlanPage() {
  await requireOperator()
  const t = await getTranslations("plans")
  return (
    <Page title={t("new")} description={t("newDescription")} width="narrow" crumbs={[{ label: t("title"), href: "/operator/plans" }]}>
      <Card>
        <PlanForm action={createPlan} plan={null} />
      </Card>
    </Page>
  )
}
