import { useFormatter, useTranslations } from "next-intl"
import { Money } from "#components/format/amount.tsx"
import { cn } from "#components/ui/cn.ts"

export type ReceiptLine = { readonly label: string; readonly count: number; readonly priceNanoUsd: bigint; readonly amountNanoUsd: bigint }

/** What one call is charged, as a ticket from the toll booth. */
export function Receipt({ title, note, lines, totalNanoUsd, className }: { readonly title: string; readonly note: string; readonly lines: readonly ReceiptLine[]; readonly totalNanoUsd: bigint; readonly className?: string }) {
  const t = useTranslations("landing.receipt")
  const format = useFormatter()
  return (
    <figure className={cn("relative rounded-xl border border-border bg-card px-5 pt-4 pb-5 text-sm shadow-lg", className)}>
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className="font-semibold">{title}</span>
        <span className="text-xs text-muted-foreground">{note}</span>
      </figcaption>
      <dl className="mt-3 grid gap-1.5 border-t border-dashed border-border pt-3">
        {lines.map((line) => (
          <div key={line.label} className="flex items-baseline justify-between gap-4">
            <dt className="text-muted-foreground">
              {line.label}{" "}
              <span className="text-xs">{t.rich("times", { count: format.number(line.count), price: () => <Money amount={line.priceNanoUsd} /> })}</span>
            </dt>
            <dd>
              <Money amount={line.amountNanoUsd} exact />
            </dd>
          </div>
        ))}
        <div className="mt-1.5 flex items-baseline justify-between gap-4 border-t border-dashed border-border pt-3 font-semibold">
          <dt>{t("total")}</dt>
          <dd>
            <Money amount={totalNanoUsd} exact />
          </dd>
        </div>
      </dl>
    </figure>
  )
}
