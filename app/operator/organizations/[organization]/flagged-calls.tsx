import { CircleCheck } from "lucide-react"
import { useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Status } from "#components/ui/badge.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { FlaggedCallPage, FlaggedCallRow } from "#lib/features/wallet/index.ts"
import { RefundCall } from "./refund-call.tsx"

type FlaggedCallsProps = {
  readonly page: FlaggedCallPage
  readonly isFirstPage: boolean
  readonly href: string
  readonly organization: { readonly id: string; readonly name: string; readonly timeZone: string }
}

/** Calls whose usage is not the provider's own: whoever complains of a charge means one of these. */
export function FlaggedCalls({ page: { calls, next }, isFirstPage, href, organization: { id, name, timeZone } }: FlaggedCallsProps) {
  const t = useTranslations("organizations.money")
  return (
    <DataTable<FlaggedCallRow>
      label={t("flagged.title")}
      rows={calls}
      rowKey={(call) => call.id}
      empty={<EmptyState icon={CircleCheck} title={t("flagged.empty")} />}
      firstHref={isFirstPage ? null : href}
      nextHref={next === null ? null : `${href}?calls=${next}`}
      columns={[
        {
          id: "call",
          header: t("flagged.call"),
          className: "whitespace-normal",
          cell: (call) => (
            <div className="grid gap-0.5">
              <span className="font-medium">{call.model}</span>
              <code className="text-xs break-all text-muted-foreground">{call.id}</code>
              <Time value={call.at} timeZone={timeZone} className="text-xs text-muted-foreground" />
            </div>
          ),
        },
        { id: "status", header: t("flagged.status"), wideOnly: true, cell: ({ status }) => <Status tone="warning">{t(`flagged.statuses.${status}`)}</Status> },
        { id: "charged", header: t("flagged.charged"), align: "right", cell: ({ chargedNanoUsd }) => <Money amount={chargedNanoUsd} /> },
        { id: "refunded", header: t("flagged.refunded"), align: "right", wideOnly: true, cell: ({ refundedNanoUsd }) => <Money amount={refundedNanoUsd} /> },
        {
          id: "refund",
          header: <span className="sr-only">{t("refund")}</span>,
          align: "right",
          cell: (call) => (call.refundedNanoUsd < call.chargedNanoUsd ? <RefundCall organizationId={id} name={name} requestId={call.id} /> : null),
        },
      ]}
    />
  )
}
