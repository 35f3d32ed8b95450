import { getFormatter, getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { type Column, DataTable } from "#components/data-table/data-table.tsx"
import { Time } from "#components/format/time.tsx"
import { LimitBar } from "#components/limit/limit-bar.tsx"
import { Badge, Status } from "#components/ui/badge.tsx"
import { Code } from "#components/ui/code-block.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import type { KeyView } from "#lib/features/keys/index.ts"
import type { KeyChoices } from "./key-fields.tsx"
import { KeyMenu } from "./key-menu.tsx"
import type { FirstCallFacts } from "./made-key.tsx"

type KeysTableProps = {
  readonly organization: string
  readonly timeZone: string
  readonly keys: readonly KeyView[]
  readonly showOwner: boolean
  readonly choices: KeyChoices
  readonly facts: FirstCallFacts
  readonly toolbar: ReactNode
  readonly empty: ReactNode
  readonly firstHref: string | null
  readonly nextHref: string | null
}

const tones = { live: "success", expired: "warning", revoked: "neutral" } as const

export async function KeysTable({ organization, timeZone, keys, showOwner, choices, facts, ...table }: KeysTableProps) {
  const t = await getTranslations("keys")
  const columns: readonly Column<KeyView>[] = [
    { id: "name", header: t("name"), cell: (view) => <NameCell view={view} showOwner={showOwner} /> },
    { id: "state", header: t("state"), cell: (view) => <StateCell view={view} timeZone={timeZone} />, wideOnly: true },
    { id: "budget", header: t("budget"), cell: (view) => <BudgetCell view={view} timeZone={timeZone} />, className: "w-56", wideOnly: true },
    { id: "used", header: t("lastUsed"), cell: (view) => (view.lastUsedAtMs === null ? <span className="text-muted-foreground">{t("neverUsed")}</span> : <Time value={new Date(view.lastUsedAtMs)} timeZone={timeZone} />), wideOnly: true },
    { id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right", className: "w-0", cell: (view) => <KeyMenu organization={organization} view={view} choices={choices} facts={facts} /> },
  ]
  return <DataTable label={t("title")} columns={columns} rows={keys} rowKey={(view) => view.id} {...table} />
}

/** Everything that tells keys apart, also on a small screen. */
async function NameCell({ view, showOwner }: { readonly view: KeyView; readonly showOwner: boolean }) {
  const [t, format] = await Promise.all([getTranslations("keys"), getFormatter()])
  const { requestsPerMinute, tokensPerMinute, concurrent } = view.limits
  const facts = [
    showOwner && (view.owner ?? t("ofOrganization")),
    view.project?.name,
    view.models.length > 0 && t("models", { count: view.models.length }),
    requestsPerMinute !== null && t("requestsPerMinute", { count: format.number(requestsPerMinute) }),
    tokensPerMinute !== null && t("tokensPerMinute", { count: format.number(tokensPerMinute) }),
    concurrent !== null && t("concurrent", { count: format.number(concurrent) }),
  ].filter((fact) => typeof fact === "string")
  return (
    <div className="grid min-w-0 gap-1">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
        <span className="min-w-0 wrap-anywhere">{view.name}</span>
        {view.test && <Badge tone="info">{t("test")}</Badge>}
        {view.parameters === "strict" && <Badge>{t("strict")}</Badge>}
        {view.state !== "live" && <Badge tone="warning" className="md:hidden">{t(`states.${view.state}`)}</Badge>}
        <ManagedBadge file={view.managedBy} />
      </span>
      <span className="text-xs leading-5 wrap-anywhere text-muted-foreground" title={view.models.length > 0 ? view.models.join(", ") : undefined}>
        <Code className="mr-2">{t("prefix", { prefix: view.prefix })}</Code>
        {facts.join(" · ")}
      </span>
    </div>
  )
}

async function StateCell({ view, timeZone }: { readonly view: KeyView; readonly timeZone: string }) {
  const t = await getTranslations("keys")
  const { state, expiresAtMs, revokedAtMs } = view
  const moment = revokedAtMs ?? expiresAtMs
  return (
    <div className="grid gap-0.5">
      <Status tone={tones[state]}>{t(`states.${state}`)}</Status>
      {moment !== null && (
        <span className="text-xs text-muted-foreground">{t.rich(revokedAtMs === null ? "expiresAt" : "revokedAt", { time: () => <Time value={new Date(moment)} timeZone={timeZone} shape="date" /> })}</span>
      )}
    </div>
  )
}

async function BudgetCell({ view: { name, budget }, timeZone }: { readonly view: KeyView; readonly timeZone: string }) {
  const t = await getTranslations("keys")
  if (budget === null) return <span className="text-muted-foreground">{t("noBudget")}</span>
  const { usedNanoUsd, heldNanoUsd, amountNanoUsd, resetsAtMs } = budget
  const note = resetsAtMs === null ? t("inTotal") : t.rich("resets", { time: () => <Time value={new Date(resetsAtMs)} timeZone={timeZone} shape="date" /> })
  return <LimitBar label={t("budgetOf", { name })} hideLabel used={BigInt(usedNanoUsd)} held={BigInt(heldNanoUsd)} limit={BigInt(amountNanoUsd)} note={note} className="min-w-40" />
}
