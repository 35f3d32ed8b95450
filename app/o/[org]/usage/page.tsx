import { ChartNoAxesColumn, Download } from "lucide-react"
import type { Metadata } from "next"
import { getFormatter, getLocale, getTranslations } from "next-intl/server"
import { Legend, StackedDaysChart } from "#components/charts/stacked-days-chart.tsx"
import { FirstCall } from "#components/first-call/first-call.tsx"
import { Money } from "#components/format/amount.tsx"
import { Page, Section } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { ButtonLink, buttonVariants } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { SegmentedLinks } from "#components/ui/segmented.tsx"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { type Dimension, dimensions, type Group, type Measure, modes, ranges, seesAllUsage, tokensOf, type UsageQuery, usageQuery, type UsageReport } from "#lib/features/usage/index.ts"
import { container } from "#lib/server/container.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { requireMember } from "#lib/server/session.ts"
import { CallsTable } from "./calls-table.tsx"
import { GroupsTable } from "./groups-table.tsx"
import { type MeasureTile, MeasureTiles } from "./measure-tiles.tsx"
import { RangePicker } from "./range-picker.tsx"
import { usageChart } from "./usage-chart.ts"
import { usageHref } from "./usage-href.ts"

type Props = { readonly params: Promise<{ org: string }>; readonly searchParams: Promise<Record<string, string | string[] | undefined>> }

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("usage")
  return { title: t("title") }
}

/** What was used in a range of days: totals, days, groups, single calls. */
export default async function UsagePage({ params, searchParams }: Props) {
  const member = await requireMember((await params).org)
  const query = usageQuery.parse(await searchParams)
  const { usage, priceList, env } = container()
  const [t, locale, report] = await Promise.all([getTranslations("usage"), getLocale(), usage.report(member, query)])
  const calls = await usage.calls(member, query, report.mode)
  const slug = member.organizationSlug
  const nameOf = (group: Group, by: Dimension) => group.name ?? (by === "key" ? t("goneKey") : t("noMember"))
  const isEmpty = report.totals.requests === 0 && calls.calls.length === 0
  const chart = usageChart(report, query.measure, locale, { nameOf: (group) => nameOf(group, report.by), rest: t("rest") })

  return (
    <Page title={t("title")} description={seesAllUsage(member) ? t("description") : t("descriptionOwn")} actions={<Ranges slug={slug} query={query} report={report} />}>
      {(report.otherMode || report.mode === "test") && <Modes slug={slug} query={query} report={report} />}
      {isEmpty ? (
        <Card>
          <EmptyState icon={ChartNoAxesColumn} title={t("empty.title")} description={t("empty.description")} actions={<ButtonLink href={`/o/${slug}/keys`}>{t("empty.createKey")}</ButtonLink>}>
            <FirstCall origin={publicOrigin(env)} model={(await priceList.exampleModel(member)) ?? SANDBOX_MODEL} />
          </EmptyState>
        </Card>
      ) : (
        <>
          <Card>
            <Totals slug={slug} query={query} report={report} />
            <div className="grid gap-4 px-5 pt-4 pb-4">
              <div className="flex flex-wrap items-center justify-between gap-3">
                <h2 className="text-sm font-semibold">{t(`perDay.${query.measure}`)}</h2>
                <SegmentedLinks
                  label={t("by.label")}
                  segments={dimensions
                    .filter((by) => by !== "member" || seesAllUsage(member))
                    .map((by) => ({ label: t(`by.${by}`), href: usageHref(slug, query, { by }), current: by === report.by }))}
                />
              </div>
              <StackedDaysChart chart={chart} label={t("chartLabel", { perDay: t(`perDay.${query.measure}`), by: report.by })} totalLabel={t("total")} />
              <Legend series={chart.series} />
            </div>
          </Card>
          <Section title={t("tableTitle", { by: report.by })} description={report.moreGroups ? t("moreGroups", { count: report.groups.length }) : undefined}>
            <GroupsTable report={report} measure={query.measure} chart={chart} nameOf={(group) => nameOf(group, report.by)} />
          </Section>
          <Section
            title={t("calls")}
            description={t("callsDescription", { timeZone: report.timeZone })}
            actions={
              <a className={buttonVariants({ variant: "secondary", size: "sm" })} href={usageHref(slug, query, {}).replace("/usage", "/usage/export")} download>
                <Download />
                {t("export")}
              </a>
            }
          >
            <CallsTable
              page={calls}
              timeZone={report.timeZone}
              showMember={seesAllUsage(member)}
              nameOf={nameOf}
              firstHref={query.before === undefined ? null : usageHref(slug, query, {})}
              nextHref={calls.next === null ? null : usageHref(slug, query, { before: calls.next })}
            />
          </Section>
        </>
      )}
    </Page>
  )
}

type ViewProps = { readonly slug: string; readonly query: UsageQuery; readonly report: UsageReport }

async function Ranges({ slug, query, report }: ViewProps) {
  const [t, format] = await Promise.all([getTranslations("usage"), getFormatter()])
  const day = (value: string) => format.dateTime(new Date(value), { dateStyle: "medium", timeZone: "UTC" })
  const kept = { by: query.by, measure: query.measure, ...(query.mode !== undefined && { mode: query.mode }) }
  return (
    <RangePicker
      presets={ranges.filter((range) => range !== "custom").map((range) => ({ label: t(`range.${range}`), href: usageHref(slug, query, { range }), current: range === query.range }))}
      action={`/o/${slug}/usage`}
      keep={kept}
      first={report.first}
      last={report.last}
      today={report.today}
      customText={query.range === "custom" ? t("range.between", { first: day(report.first), last: day(report.last) }) : null}
    />
  )
}

/** Live or test: shown once there are calls of both, and always above test figures, which are no money. */
async function Modes({ slug, query, report }: ViewProps) {
  const t = await getTranslations("usage")
  const switcher = <SegmentedLinks label={t("modes.label")} segments={modes.map((mode) => ({ label: t(`modes.${mode}`), href: usageHref(slug, query, { mode }), current: mode === report.mode }))} />
  if (report.mode === "live") return <div className="-mt-2">{switcher}</div>
  return (
    <Alert tone="warning" title={t("modes.testTitle")} actions={switcher}>
      {t("modes.testDescription")}
    </Alert>
  )
}

async function Totals({ slug, query, report }: ViewProps) {
  const [t, format] = await Promise.all([getTranslations("usage"), getFormatter()])
  const { totals } = report
  const compact = (value: number) => <span title={format.number(value)}>{format.number(value, { notation: "compact", maximumFractionDigits: 1 })}</span>
  const tile = (measure: Measure, value: MeasureTile["value"], detail: MeasureTile["detail"]): MeasureTile => ({
    id: measure,
    href: usageHref(slug, query, { measure }),
    current: query.measure === measure,
    label: t(measure),
    value,
    detail,
  })
  const days = { first: format.dateTime(new Date(report.first), { month: "short", day: "numeric", timeZone: "UTC" }), last: format.dateTime(new Date(report.last), { month: "short", day: "numeric", timeZone: "UTC" }) }
  return (
    <MeasureTiles
      label={t("measures")}
      tiles={[
        tile("cost", <Money amount={totals.charged} />, t("detail.cost", days)),
        tile("requests", compact(totals.requests), t("detail.requests", { failures: totals.failures })),
        tile("tokens", compact(tokensOf(totals)), t("detail.tokens", { input: format.number(totals.input + totals.cacheWrite + totals.cacheRead, { notation: "compact" }), output: format.number(totals.output, { notation: "compact" }) })),
      ]}
    />
  )
}
