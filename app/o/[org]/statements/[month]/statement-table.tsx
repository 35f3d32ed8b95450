import { ReceiptText } from "lucide-react"
import { useFormatter, useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { PostingKind, StatementLine, StatementPage } from "#lib/features/wallet/index.ts"

const tones = { credit: "success", usage: "neutral", adjustment: "info", refund: "info", expiry: "warning" } as const satisfies Record<PostingKind, string>

type StatementTableProps = { readonly statement: StatementPage; readonly isFirstPage: boolean; readonly href: string; readonly timeZone: string }

/** The lines of a statement, oldest first, each with the balance behind it. A later page begins with what it takes over. */
export function StatementTable({ statement: { lines, beforeNanoUsd, next }, isFirstPage, href, timeZone }: StatementTableProps) {
  const t = useTranslations("overview.statement")
  return (
    <DataTable<StatementLine>
      label={t("lines")}
      rows={lines}
      rowKey={({ id, at }) => `${id} ${at.toISOString()}`}
      empty={<EmptyState icon={ReceiptText} title={t("empty")} description={t("emptyHint")} />}
      {...(!isFirstPage && {
        toolbar: (
          <span className="text-sm text-muted-foreground">
            {t.rich("before", { amount: () => <Money amount={beforeNanoUsd} className="font-medium text-foreground" /> })}
          </span>
        ),
      })}
      firstHref={isFirstPage ? null : href}
      nextHref={next === null ? null : `${href}?after=${next}`}
      columns={[
        { id: "at", header: t("time"), wideOnly: true, cell: (line) => <When line={line} timeZone={timeZone} /> },
        {
          id: "what",
          header: t("what"),
          className: "whitespace-normal",
          cell: (line) => (
            <div className="grid justify-items-start gap-1">
              <Badge tone={tones[line.kind]}>{t(`kinds.${line.kind}`)}</Badge>
              {line.reason !== null && <span className="text-sm break-words">{line.reason}</span>}
              <span className="text-xs text-muted-foreground md:hidden">
                <When line={line} timeZone={timeZone} />
              </span>
            </div>
          ),
        },
        {
          id: "amount",
          header: t("amount"),
          align: "right",
          cell: ({ amountNanoUsd }) => (
            <span className="whitespace-nowrap">
              {amountNanoUsd > 0n && "+"}
              <Money amount={amountNanoUsd} />
            </span>
          ),
        },
        { id: "balance", header: t("balance"), align: "right", cell: ({ balanceNanoUsd }) => <Money amount={balanceNanoUsd} /> },
      ]}
    />
  )
}

/** A day's usage is no moment; the day is read at its noon in UTC. */
function When({ line: { at, day }, timeZone }: { readonly line: StatementLine; readonly timeZone: string }) {
  const format = useFormatter()
  if (day === null) return <Time value={at} timeZone={timeZone} />
  return <time dateTime={day}>{format.dateTime(new Date(`${day}T12:00:00Z`), { dateStyle: "medium", timeZone: "UTC" })}</time>
}
