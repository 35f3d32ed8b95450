import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { DataTable, type Column } from "#components/data-table/data-table.tsx"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import type { InvitationView } from "#lib/features/members/index.ts"
import { RevokeInvitation } from "./revoke-invitation.tsx"

type InvitationsTableProps = { readonly organization: string; readonly timeZone: string; readonly invitations: readonly InvitationView[]; readonly empty: ReactNode }

export async function InvitationsTable({ organization, timeZone, invitations, empty }: InvitationsTableProps) {
  const t = await getTranslations("members")
  const columns: readonly Column<InvitationView>[] = [
    { id: "email", header: t("email"), cell: (row) => <span className="font-medium">{row.email}</span> },
    { id: "role", header: t("role"), cell: (row) => t(`roles.${row.role}`) },
    {
      id: "budget",
      header: t("budget"),
      wideOnly: true,
      cell: (row) =>
        row.budget === null ? (
          <span className="text-muted-foreground">{t("budgetDefault")}</span>
        ) : (
          <span className="whitespace-nowrap">
            <Money amount={row.budget.amount} /> {t(`per.${row.budget.period}`)}
          </span>
        ),
    },
    { id: "expires", header: t("expires"), wideOnly: true, cell: (row) => <Time value={row.expiresAt} timeZone={timeZone} /> },
    { id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right", className: "w-0", cell: (row) => row.changeable && <RevokeInvitation organization={organization} invitationId={row.id} email={row.email} /> },
  ]
  return <DataTable label={t("invitations.title")} columns={columns} rows={invitations} rowKey={(row) => row.id} empty={empty} />
}
