import { ChevronLeft, ChevronRight, Download } from "lucide-react"
import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getFormatter, getTranslations } from "next-intl/server"
import { cache } from "react"
import { Money } from "#components/format/amount.tsx"
import { Page } from "#components/page.tsx"
import { ButtonLink, buttonVariants } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"
import { container } from "#lib/server/container.ts"
import { requireMember } from "#lib/server/session.ts"
import { StatementTable } from "./statement-table.tsx"

type Params = { readonly params: Promise<{ readonly org: string; readonly month: string }>; readonly searchParams: Promise<{ readonly after?: string | string[] }> }

/** Decided once for the title and the page, before a byte is sent. */
const load = cache(async (org: string, month: string, after: string | null) => {
  const member = await requireMember(org)
  const statement = await container().wallet.statement(member, member.organizationId, month, after)
  return statement.ok ? { member, statement: statement.value } : notFound()
})

const cursorOf = ({ after }: Awaited<Params["searchParams"]>) => (typeof after === "string" ? after : null)

export async function generateMetadata({ params, searchParams }: Params): Promise<Metadata> {
  const { org, month } = await params
  await load(org, month, cursorOf(await searchParams))
  const t = await getTranslations("overview.statement")
  return { title: t("title", { month: await monthName(month) }) }
}

/** What moved an organization's wallet in a month: it opens and closes on the ledger's figures. */
export default async function StatementPage({ params, searchParams }: Params) {
  const { org, month } = await params
  const after = cursorOf(await searchParams)
  const { member, statement } = await load(org, month, after)
  const t = await getTranslations("overview")
  const href = `/o/${org}/statements`
  return (
    <Page
      title={t("statement.title", { month: await monthName(month) })}
      description={t("statement.description", { timeZone: member.timeZone })}
      crumbs={[{ label: t("title"), href: `/o/${org}` }]}
      actions={
        <>
          {statement.earlier !== null && (
            <ButtonLink href={`${href}/${statement.earlier}`} variant="outline">
              <ChevronLeft aria-hidden />
              {await monthName(statement.earlier)}
            </ButtonLink>
          )}
          {statement.later !== null && (
            <ButtonLink href={`${href}/${statement.later}`} variant="outline">
              {await monthName(statement.later)}
              <ChevronRight aria-hidden />
            </ButtonLink>
          )}
          <a className={cn(buttonVariants())} href={`${href}/${month}/export`} download>
            <Download aria-hidden />
            {t("statement.csv")}
          </a>
        </>
      }
    >
      <Card>
        <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl bg-border">
          {(["opening", "closing"] as const).map((name) => (
            <div key={name} className="grid content-start gap-1 bg-card px-5 py-4">
              <dt className="text-xs text-muted-foreground">{t(`statement.${name === "closing" && statement.later === null ? "current" : name}`)}</dt>
              <dd className="text-lg font-semibold tracking-tight">
                <Money amount={statement[`${name}NanoUsd`]} />
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <StatementTable statement={statement} isFirstPage={after === null} href={`${href}/${month}`} timeZone={member.timeZone} />
    </Page>
  )
}

/** “November 2026”; the 15th lies in the month in every time zone. */
async function monthName(month: string): Promise<string> {
  return (await getFormatter()).dateTime(new Date(`${month}-15T00:00:00Z`), { year: "numeric", month: "long", timeZone: "UTC" })
}
