import { useTranslations } from "next-intl"
import Link from "next/link"
import { Time } from "#components/format/time.tsx"
import { LimitBar } from "#components/limit/limit-bar.tsx"
import { Card } from "#components/ui/card.tsx"
import type { BudgetLine, BudgetOverview } from "#lib/features/budgets/index.ts"

/** Projects shown beside the organization's and one's own; the rest is on the budgets page. */
const PROJECTS_MAX = 3

/** The limits that bear on whoever looks: the organization's, their own, and the first projects'. */
export function BudgetsCard({ overview, membershipId, timeZone, slug }: { readonly overview: BudgetOverview; readonly membershipId: string; readonly timeZone: string; readonly slug: string }) {
  const t = useTranslations("overview.budgets")
  const own = overview.members.find((line) => line.scopeId === membershipId)
  const lines = [overview.organization, own, ...overview.projects.filter((line) => line.budget !== null).slice(0, PROJECTS_MAX)].filter((line): line is BudgetLine => line != null && line.budget !== null)
  const labelOf = (line: BudgetLine) => (line.scope === "organization" ? t("organization") : line.scopeId === membershipId ? t("own") : line.name)
  return (
    <Card className="grid gap-4 px-5 py-4">
      <h2 className="text-sm font-semibold">{t("title")}</h2>
      {lines.length === 0 ? (
        <p className="text-sm text-muted-foreground">
          {t.rich(overview.mayChangeDefault ? "noneMayChange" : "none", {
            link: (text) => (
              <Link href={`/o/${slug}/budgets`} className="focus-ring rounded-sm text-primary underline-offset-4 hover:underline">
                {text}
              </Link>
            ),
          })}
        </p>
      ) : (
        lines.map((line) => <Line key={`${line.scope} ${line.scopeId}`} label={labelOf(line)} budget={line.budget} forecast={line.forecast} timeZone={timeZone} />)
      )}
    </Card>
  )
}

function Line({ label, budget, forecast, timeZone }: { readonly label: string; readonly budget: BudgetLine["budget"]; readonly forecast: BudgetLine["forecast"]; readonly timeZone: string }) {
  const t = useTranslations("overview.budgets")
  if (budget === null) return null
  const { usedNanoUsd, heldNanoUsd, amountNanoUsd, resetsAtMs } = budget
  const note = resetsAtMs === null ? t("total") : t.rich("resets", { time: () => <Time value={new Date(resetsAtMs)} timeZone={timeZone} shape="date" /> })
  return <LimitBar label={label} used={BigInt(usedNanoUsd)} held={BigInt(heldNanoUsd)} limit={BigInt(amountNanoUsd)} note={note} forecast={forecast && { of: forecast, timeZone }} />
}
