import { FolderKanban } from "lucide-react"
import type { Metadata } from "next"
import { getLocale, getTranslations } from "next-intl/server"
import { readableUsd } from "#components/format/money.ts"
import { Page, Section } from "#components/page.tsx"
import { Card } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { BUDGET_ROWS_MAX, type BudgetOverview, maySeeAllBudgets } from "#lib/features/budgets/index.ts"
import type { Member } from "#lib/kernel/actor.ts"
import { container } from "#lib/server/container.ts"
import { requireMember } from "#lib/server/session.ts"
import { setMemberDefault } from "./actions.ts"
import { BudgetDialog } from "./budget-dialog.tsx"
import { BudgetTable } from "./budget-table.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("budgets")
  return { title: t("title") }
}

/** Every budget that the member may see, with what is used, held and left of it. */
export default async function BudgetsPage({ params }: { readonly params: Promise<{ readonly org: string }> }) {
  const member = await requireMember((await params).org)
  const [t, overview] = await Promise.all([getTranslations("budgets"), container().budgets.list(member)])
  const all = maySeeAllBudgets(member)
  const table = { organization: member.organizationSlug, timeZone: member.timeZone, hasDefault: overview.memberDefault !== null }
  return (
    <Page title={t("title")} description={all ? t("description", { organization: member.organizationName }) : t("descriptionOwn")}>
      {overview.organization !== null && (
        <BudgetTable {...table} label={t("organization")} lines={[{ ...overview.organization, name: t("organization"), note: t("organizationNote") }]} empty={null} />
      )}
      {all && (
        <Section title={t("projects")}>
          <BudgetTable {...table} label={t("projects")} lines={overview.projects} empty={<EmptyState icon={FolderKanban} title={t("projects")} description={t("projectsEmpty")} className="py-8" />} />
        </Section>
      )}
      <Section title={t("members")}>
        {all && <MemberDefault member={member} overview={overview} />}
        <BudgetTable {...table} label={t("members")} lines={overview.members} empty={null} />
      </Section>
      {overview.keys.length > 0 && (
        <Section title={t("keys")}>
          <BudgetTable {...table} label={t("keys")} lines={overview.keys} empty={null} />
        </Section>
      )}
      {overview.isCut && <p className="text-sm text-muted-foreground">{t("cut", { count: BUDGET_ROWS_MAX })}</p>}
    </Page>
  )
}

async function MemberDefault({ member, overview: { memberDefault, mayChangeDefault } }: { readonly member: Member; readonly overview: BudgetOverview }) {
  const [t, locale] = await Promise.all([getTranslations("budgets"), getLocale()])
  const action = setMemberDefault.bind(null, member.organizationSlug)
  return (
    <Card className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-4 py-3">
      <div className="grid gap-0.5">
        <span className="text-sm font-medium">
          {t("default")}
          {memberDefault !== null && <span className="ml-2 tabular-nums">{t("defaultIs", { amount: readableUsd(BigInt(memberDefault.amountNanoUsd), locale), period: t(`per.${memberDefault.period}`) })}</span>}
        </span>
        <span className="text-xs text-muted-foreground">{memberDefault === null ? t("defaultNone") : t("defaultDescription")}</span>
      </div>
      {mayChangeDefault && (
        <BudgetDialog
          title={t("dialog.defaultTitle")}
          description={t("defaultDescription")}
          trigger={memberDefault === null ? t("set") : t("edit")}
          triggerLabel={t(memberDefault === null ? "setNamed" : "editNamed", { name: t("default") })}
          current={memberDefault}
          fields={{}}
          save={action}
          remove={action}
          removeLabel={memberDefault === null ? null : t("dialog.remove")}
        />
      )}
    </Card>
  )
}
