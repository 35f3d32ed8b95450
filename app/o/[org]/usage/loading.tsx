import { useTranslations } from "next-intl"
import { Page } from "#components/page.tsx"
import { Card } from "#components/ui/card.tsx"
import { Skeleton } from "#components/ui/skeleton.tsx"

const BARS_PERCENT = [38, 62, 30, 24, 55, 47, 70, 42, 80, 35, 52, 28, 44, 66, 58, 72]
const ROWS = [0, 1, 2, 3, 4]

/** The shape of the usage page while it is read. The layout above has decided the tenancy, so this hides no 404. */
export default function UsageLoading() {
  const t = useTranslations("usage")
  return (
    <Page title={t("title")} description={t("description")}>
      <p role="status" className="sr-only">
        {t("loading")}
      </p>
      <Card aria-hidden>
        <div className="grid gap-4 border-b border-border px-5 py-5 sm:grid-cols-3">
          {[0, 1, 2].map((tile) => (
            <div key={tile} className="grid gap-2">
              <Skeleton className="h-3 w-16" />
              <Skeleton className="h-7 w-28" />
              <Skeleton className="h-3 w-24" />
            </div>
          ))}
        </div>
        <div className="flex h-84 items-end gap-2 px-5 pb-6">
          {BARS_PERCENT.map((height, index) => (
            <Skeleton key={index} className="flex-1 rounded-b-none" style={{ height: `${height}%` }} />
          ))}
        </div>
      </Card>
      <Card aria-hidden className="grid gap-4 p-5">
        {ROWS.map((row) => (
          <Skeleton key={row} className="h-5" />
        ))}
      </Card>
    </Page>
  )
}
