import { Activity } from "lucide-react"
import { useFormatter, useTranslations } from "next-intl"
import { type Column, DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Badge, Status } from "#components/ui/badge.tsx"
import { CopyButton } from "#components/ui/copy-button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { Call, CallPage, Group } from "#lib/features/usage/index.ts"

const tones = { complete: "success", estimated: "warning", interrupted: "warning", failed: "danger" } as const satisfies Record<Call["status"], string>

const nobody: Group = { id: "", name: null, hint: null }

type CallsTableProps = {
  readonly page: CallPage
  readonly timeZone: string
  readonly showMember: boolean
  readonly nameOf: (group: Group, by: "key" | "member") => string
  readonly firstHref: string | null
  readonly nextHref: string | null
}

/** The single calls, newest first. */
export function CallsTable({ page, timeZone, showMember, nameOf, firstHref, nextHref }: CallsTableProps) {
  const t = useTranslations("usage")
  const format = useFormatter()
  const count = (value: number | null) => (value === null ? <abbr title={t("unknown")}>{"–"}</abbr> : format.number(value))
  const duration = (ms: number) =>
    ms < 1_000
      ? format.number(ms, { style: "unit", unit: "millisecond", unitDisplay: "short", maximumFractionDigits: 0 })
      : format.number(ms / 1_000, { style: "unit", unit: "second", unitDisplay: "narrow", maximumFractionDigits: ms < 10_000 ? 2 : 1 })
  const columns: readonly Column<Call>[] = [
    { id: "time", header: t("time"), cell: (call) => <Time value={call.admittedAt} timeZone={timeZone} shape="compact" className="max-md:whitespace-normal" /> },
    {
      id: "model",
      header: t("by.model"),
      cell: (call) => (
        <span className="flex items-center gap-2 font-medium">
          <span className="grid">
            <span className="max-w-28 truncate md:max-w-52" title={call.model}>
              {call.model}
            </span>
            <span className="text-xs font-normal md:hidden">{t(`statuses.${call.status}`)}</span>
          </span>
          {call.test && <Badge tone="warning">{t("testBadge")}</Badge>}
        </span>
      ),
    },
    {
      id: "key",
      header: t("by.key"),
      wideOnly: true,
      cell: (call) => (
        <span className="grid max-w-40">
          <span className="truncate">{nameOf(call.key, "key")}</span>
          {showMember && <span className="truncate text-xs text-muted-foreground">{nameOf(call.member ?? nobody, "member")}</span>}
        </span>
      ),
    },
    {
      id: "status",
      header: t("status"),
      wideOnly: true,
      cell: (call) => (
        <span className="grid justify-items-start">
          <Status tone={tones[call.status]}>{t(`statuses.${call.status}`)}</Status>
          {call.errorCode !== null && <code className="pl-3.5 font-mono text-xs text-muted-foreground">{call.errorCode}</code>}
        </span>
      ),
    },
    { id: "input", header: t("input"), align: "right", wideOnly: true, cell: (call) => count(call.input === null && call.cacheRead === null ? null : (call.input ?? 0) + (call.cacheRead ?? 0)) },
    { id: "output", header: t("output"), align: "right", wideOnly: true, cell: (call) => count(call.output) },
    { id: "duration", header: t("duration"), align: "right", wideOnly: true, cell: (call) => <span title={call.firstByteMs === null ? undefined : t("firstByte", { time: duration(call.firstByteMs) })}>{duration(call.durationMs)}</span> },
    { id: "cost", header: t("cost"), align: "right", cell: (call) => <Money amount={call.charged} exact /> },
    { id: "id", header: <span className="sr-only">{t("copyId")}</span>, align: "right", wideOnly: true, className: "w-0 pl-0 md:pl-0", cell: (call) => <CopyButton value={call.id} name={t("copyId")} className="text-muted-foreground" /> },
  ]
  return (
    <DataTable
      label={t("calls")}
      columns={columns}
      rows={page.calls}
      rowKey={(call) => call.id}
      empty={<EmptyState icon={Activity} title={t("noCalls.title")} description={t("noCalls.description")} />}
      firstHref={firstHref}
      nextHref={nextHref}
    />
  )
}
