import { ArrowRight } from "lucide-react"
import type { Metadata } from "next"
import { getFormatter, getLocale, getTranslations } from "next-intl/server"
import Link from "next/link"
import type { ReactNode } from "react"
import { Legend, StackedDaysChart } from "#components/charts/stacked-days-chart.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Page, Section } from "#components/page.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { mayCreateKeys } from "#lib/features/keys/index.ts"
import { type Group, usageQuery, type UsageReport } from "#lib/features/usage/index.ts"
import type { Member } from "#lib/kernel/actor.ts"
import { container } from "#lib/server/container.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { requireMember } from "#lib/server/session.ts"
import { walletForecast } from "#lib/server/wallet-forecast.ts"
import { BalanceCard } from "./balance-card.tsx"
import { BudgetsCard } from "./budgets-card.tsx"
import { FirstSteps } from "./first-steps.tsx"
import { PlanCard } from "./plan-card.tsx"
import { CallsTable } from "./usage/calls-table.tsx"
import { usageChart } from "./usage/usage-chart.ts"

const RECENT_CALLS = 5

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("overview")
  return { title: t("title") }
}

/** How things stand: what was spent this month, which limits hold, which keys live, what was called last. */
export default async function OverviewPage({ params }: { readonly params: Promise<{ org: string }> }) {
  const member = await requireMember((await params).org)
  const { usage, keys, budgets, wallet, plans, priceList, env } = container()
  const query = usageQuery.parse({ range: "month", mode: "live" })
  const [format, t, report, calls, keySummary, budgetOverview, balance, plan, exampleModel] = await Promise.all([
    getFormatter(),
    getTranslations("overview"),
    usage.report(member, query),
    usage.calls(member, query, "live"),
    keys.summary(member),
    budgets.list(member),
    wallet.balance(member, member.organizationId),
    plans.subscription(member, member.organizationId),
    priceList.exampleModel(member),
  ])
  const forecast = await walletForecast(container(), member, { organizationId: member.organizationId, timeZone: member.timeZone, balance: balance.ok ? balance.value : null, plan: plan.ok ? plan.value : null })
  const slug = member.organizationSlug
  const { lastUsedAtMs } = keySummary
  const isNew = report.totals.requests === 0 && calls.calls.length === 0

  return (
    <Page
      title={t("title")}
      description={t("description", { organization: member.organizationName })}
      actions={mayCreateKeys(member) && <ButtonLink href={`/o/${slug}/keys`}>{t("createKey")}</ButtonLink>}
    >
      {isNew && <FirstSteps slug={slug} origin={publicOrigin(env)} model={exampleModel ?? SANDBOX_MODEL} hasKey={keySummary.given > 0} hasTestCalls={report.otherMode} mayCreateKeys={mayCreateKeys(member)} />}
      <div className={cn("grid grid-cols-[minmax(0,1fr)] items-start gap-4", !isNew && "lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]")}>
        {!isNew && <SpendCard member={member} report={report} />}
        <div className={cn("grid gap-4", isNew && "items-start sm:grid-cols-2")}>
          {plan.ok && plan.value !== null && <PlanCard plan={plan.value} timeZone={member.timeZone} />}
          {balance.ok && balance.value !== null && <BalanceCard balance={balance.value} forecast={forecast} statementHref={`/o/${slug}/statements/${report.today.slice(0, 7)}`} timeZone={member.timeZone} />}
          <BudgetsCard overview={budgetOverview} membershipId={member.membershipId} timeZone={member.timeZone} slug={slug} />
          <LinkedCard title={t("keys.title")} href={`/o/${slug}/keys`} linkLabel={t("keys.all")}>
            <p className="text-2xl font-semibold tracking-tight tabular-nums">{format.number(keySummary.live)}</p>
            <p className="text-xs text-muted-foreground">
              {lastUsedAtMs === null ? t("keys.unused") : t.rich("keys.lastUsed", { time: () => <Time value={new Date(lastUsedAtMs)} timeZone={member.timeZone} /> })}
            </p>
          </LinkedCard>
        </div>
      </div>
      {!isNew && (
        <Section title={t("calls.title")} actions={<More href={`/o/${slug}/usage?range=month`} label={t("calls.all")} />}>
          <CallsTable
            page={{ calls: calls.calls.slice(0, RECENT_CALLS), next: null }}
            timeZone={member.timeZone}
            showMember={member.role !== "member"}
            nameOf={(group, by) => group.name ?? (by === "key" ? t("goneKey") : t("noMember"))}
            firstHref={null}
            nextHref={null}
          />
        </Section>
      )}
    </Page>
  )
}

async function SpendCard({ member, report }: { readonly member: Member; readonly report: UsageReport }) {
  const [t, locale] = await Promise.all([getTranslations("overview.spend"), getLocale()])
  const chart = usageChart(report, "cost", locale, { nameOf: (group: Group) => group.name ?? group.id, rest: t("rest") })
  return (
    <LinkedCard title={t("title")} href={`/o/${member.organizationSlug}/usage?range=month`} linkLabel={t("usage")}>
      <p className="text-2xl font-semibold tracking-tight">
        <Money amount={report.totals.charged} />
      </p>
      <p className="text-xs text-muted-foreground">{t("requests", { count: report.totals.requests })}</p>
      <StackedDaysChart chart={chart} label={t("chart")} totalLabel={t("total")} className="mt-3 h-56" />
      <Legend series={chart.series} className="mt-3" />
    </LinkedCard>
  )
}

function LinkedCard({ title, href, linkLabel, children }: { readonly title: string; readonly href: string; readonly linkLabel: string; readonly children: ReactNode }) {
  return (
    <Card className="grid grid-cols-[minmax(0,1fr)] gap-1 px-5 py-4">
      <div className="flex items-center justify-between gap-3">
        <h2 className="text-sm font-semibold">{title}</h2>
        <More href={href} label={linkLabel} />
      </div>
      {children}
    </Card>
  )
}

function More({ href, label }: { readonly href: string; readonly label: string }) {
  return (
    <Link href={href} className="focus-ring inline-flex items-center gap-1 rounded-sm text-xs font-medium whitespace-nowrap text-muted-foreground hover:text-foreground">
      {label}
      <ArrowRight aria-hidden className="size-3.5" />
    </Link>
  )
}
