import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { cache } from "react"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Page, Section } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card, CardContent } from "#components/ui/card.tsx"
import type { PlanDetail } from "#lib/features/plans/index.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { setPlanArchived, updatePlan } from "../actions.ts"
import { OwnPrices } from "../own-prices.tsx"
import { draftOf } from "../plan-draft.ts"
import { PlanForm } from "../plan-form.tsx"
import { PlanTerms } from "../plan-terms.tsx"

type Params = { readonly params: Promise<{ readonly plan: string }> }

/** Decided once for the title and the page, before a byte is sent. */
const load = cache(async (id: string): Promise<PlanDetail> => {
  const plan = await container().plans.get(await requireOperator(), id)
  return plan.ok ? plan.value : notFound()
})

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: (await load((await params).plan)).name }
}

export default async function PlanPage({ params }: Params) {
  const operator = await requireOperator()
  const plan = await load((await params).plan)
  const [t, all, models] = await Promise.all([getTranslations("plans"), container().plans.list(operator), container().models.list(operator)])
  if (!all.ok || !models.ok) notFound()
  const { id, name, managedBy, archivedAt, prices } = plan
  const editable = managedBy === null
  const word = archivedAt === null ? "archive" : "restore"
  const subscribers = all.value.find((one) => one.id === id)?.subscribers ?? 0
  return (
    <Page
      title={name}
      description={t("detail.subscribers", { count: subscribers })}
      crumbs={[{ label: t("title"), href: "/operator/plans" }]}
      actions={
        editable && (
          <ConfirmAction
            action={setPlanArchived}
            fields={{ planId: id, archived: String(archivedAt === null) }}
            title={t(`detail.${word}Title`, { name })}
            description={t(`detail.${word}Description`)}
            confirmLabel={t(`detail.${word}`)}
            doneMessage={t(`detail.${word}Done`)}
            destructive={false}
            trigger={<Button variant="outline">{t(`detail.${word}`)}</Button>}
          />
        )
      }
    >
      {managedBy !== null && <Alert>{t("detail.managed", { file: managedBy })}</Alert>}
      {archivedAt !== null && <Alert>{t("detail.archivedNote")}</Alert>}
      <Section title={t("detail.terms")} description={t("detail.termsHint")}>
        <Card className="max-w-3xl">
          {editable ? (
            <PlanForm action={updatePlan} plan={{ id, draft: draftOf(plan) }} />
          ) : (
            <CardContent>
              <PlanTerms plan={plan} />
            </CardContent>
          )}
        </Card>
      </Section>
      <OwnPrices buyer={{ planId: id }} prices={prices} models={models.value.map((model) => model.name)} editable={editable} />
    </Page>
  )
}
