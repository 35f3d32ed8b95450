import { useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import type { SubscriptionEventView } from "#lib/features/plans/index.ts"

/** What became of an organization's plan, with what is due for it. */
export function PlanEventsTable({ events, timeZone }: { readonly events: readonly SubscriptionEventView[]; readonly timeZone: string }) {
  const t = useTranslations("plans.events")
  return (
    <DataTable<SubscriptionEventView>
      label={t("title")}
      rows={events}
      rowKey={(event) => event.id}
      empty={null}
      columns={[
        { id: "what", header: t("title"), cell: (event) => <What event={event} /> },
        { id: "at", header: t("at"), wideOnly: true, cell: ({ at }) => <Time value={at} timeZone={timeZone} /> },
        { id: "allowance", header: t("allowance"), align: "right", cell: ({ allowanceNanoUsd }) => <Money amount={allowanceNanoUsd} /> },
        { id: "due", header: t("due"), align: "right", cell: ({ dueNanoUsd }) => <Money amount={dueNanoUsd} /> },
      ]}
    />
  )
}

function What({ event: { kind, planName, fromPlanName } }: { readonly event: SubscriptionEventView }) {
  const t = useTranslations("plans.events")
  const [plan, from] = [planName ?? t("unknown"), fromPlanName ?? t("unknown")]
  if (kind === "ended") return planName === null ? t("ended", { from }) : t("replaced", { from, plan })
  return kind === "changed" ? t("changed", { from, plan }) : t(kind, { plan })
}
