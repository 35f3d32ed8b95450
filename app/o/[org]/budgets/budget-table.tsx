import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { type Column, DataTable } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { LimitBar } from "#components/limit/limit-bar.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import type { BudgetLine } from "#lib/features/budgets/index.ts"
import { removeBudget, setBudget } from "./actions.ts"
import { BudgetDialog } from "./budget-dialog.tsx"

type BudgetTableProps = { readonly label: string; readonly organization: string; readonly timeZone: string; readonly hasDefault: boolean; readonly lines: readonly BudgetLine[]; readonly empty: ReactNode }

/** Things with their budgets: who, how much of it is used, what is left, and a way to change it. */
export async function BudgetTable({ label, lines, empty, ...context }: BudgetTableProps) {
  const t = await getTranslations("budgets")
  const columns: readonly Column<BudgetLine>[] = [
    { id: "name", header: t("name"), cell: (line) => <NameCell line={line} />, className: "sm:w-2/5" },
    { id: "budget", header: t("budget"), cell: (line) => <BarCell line={line} timeZone={context.timeZone} />, className: "sm:w-2/5", below: true },
    { id: "left", header: t("left"), align: "right", wideOnly: true, cell: ({ budget }) => budget !== null && <Money amount={BigInt(budget.leftNanoUsd)} className="font-medium" /> },
    { id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right", className: "sm:w-28", cell: (line) => <ActionCell line={line} {...context} /> },
  ]
  return <DataTable label={label} columns={columns} rows={lines} rowKey={(line) => line.scopeId} empty={empty} />
}

async function NameCell({ line: { name, note, budget } }: { readonly line: BudgetLine }) {
  const t = await getTranslations("budgets")
  return (
    <div className="grid grid-cols-[minmax(0,1fr)]">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
        <span className="min-w-0 wrap-anywhere">{name}</span>
        {budget?.inherited === true && <Badge>{t("inherited")}</Badge>}
        <ManagedBadge file={budget?.managedBy ?? null} />
      </span>
      {note !== null && <span className="truncate text-xs text-muted-foreground">{note}</span>}
    </div>
  )
}

async function BarCell({ line: { name, budget, forecast }, timeZone }: { readonly line: BudgetLine; readonly timeZone: string }) {
  const t = await getTranslations("budgets")
  if (budget === null) return <span className="text-muted-foreground">{t("none")}</span>
  const { period, usedNanoUsd, heldNanoUsd, amountNanoUsd, resetsAtMs } = budget
  const note = resetsAtMs === null ? t("inTotal") : t.rich("resets", { period: t(`per.${period}`), time: () => <Time value={new Date(resetsAtMs)} timeZone={timeZone} shape="date" /> })
  return <LimitBar label={t("dialog.title", { name })} hideLabel used={BigInt(usedNanoUsd)} held={BigInt(heldNanoUsd)} limit={BigInt(amountNanoUsd)} note={note} forecast={forecast && { of: forecast, timeZone }} />
}

type ActionCellProps = { readonly line: BudgetLine; readonly organization: string; readonly timeZone: string; readonly hasDefault: boolean }

async function ActionCell({ line, organization, timeZone, hasDefault }: ActionCellProps) {
  const t = await getTranslations("budgets")
  const { scope, scopeId, name, budget } = line
  if (!line.mayChange || budget?.managedBy != null) return null
  const own = budget !== null && !budget.inherited
  const removeLabel = scope === "member" && hasDefault ? t("dialog.useDefault") : t("dialog.remove")
  return (
    <BudgetDialog
      title={t("dialog.title", { name })}
      description={t("dialog.description", { timeZone })}
      trigger={budget === null ? t("set") : t("edit")}
      triggerLabel={budget === null ? t("setNamed", { name }) : t("editNamed", { name })}
      current={budget}
      fields={{ scope, scopeId }}
      save={setBudget.bind(null, organization)}
      remove={removeBudget.bind(null, organization)}
      removeLabel={own ? removeLabel : null}
    />
  )
}
