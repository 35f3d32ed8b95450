import { useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Badge } from "#components/ui/badge.tsx"
import type { LotView } from "#lib/features/wallet/index.ts"

/** Credit that may end, in the order in which it is used. */
export function LotsTable({ lots, timeZone }: { readonly lots: readonly LotView[]; readonly timeZone: string }) {
  const t = useTranslations("organizations.money")
  return (
    <DataTable<LotView>
      label={t("lots.title")}
      rows={lots}
      rowKey={(lot) => lot.id}
      empty={null}
      columns={[
        {
          id: "kind",
          header: t("lots.title"),
          cell: ({ kind, reason }) => (
            <div className="grid gap-0.5">
              <span className="font-medium">{t(kind === "planAllowance" ? "figures.allowance" : "figures.promotional")}</span>
              {reason !== null && <span className="max-w-xs truncate text-xs text-muted-foreground">{reason}</span>}
            </div>
          ),
        },
        { id: "left", header: t("lots.left"), align: "right", cell: ({ remainingNanoUsd }) => <Money amount={remainingNanoUsd} /> },
        { id: "given", header: t("lots.given"), align: "right", wideOnly: true, cell: ({ amountNanoUsd }) => <Money amount={amountNanoUsd} /> },
        {
          id: "ends",
          header: t("lots.ends"),
          align: "right",
          cell: ({ expiresAt, ended }) => (ended ? <Badge tone="warning">{t("lots.ended")}</Badge> : expiresAt === null ? <span className="text-muted-foreground">{t("lots.never")}</span> : <Time value={expiresAt} timeZone={timeZone} />),
        },
      ]}
    />
  )
}
