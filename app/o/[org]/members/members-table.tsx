import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { DataTable, type Column } from "#components/data-table/data-table.tsx"
import { Time } from "#components/format/time.tsx"
import { Avatar } from "#components/ui/avatar.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import type { MemberView } from "#lib/features/members/index.ts"
import type { Role } from "#lib/kernel/actor.ts"
import { MemberMenu } from "./member-menu.tsx"
import { RoleSelect } from "./role-select.tsx"

type MembersTableProps = { readonly organization: string; readonly timeZone: string; readonly members: readonly MemberView[]; readonly roles: readonly Role[]; readonly toolbar: ReactNode; readonly empty: ReactNode }

export async function MembersTable({ organization, timeZone, members, roles, ...table }: MembersTableProps) {
  const t = await getTranslations("members")
  const columns: readonly Column<MemberView>[] = [
    { id: "person", header: t("person"), cell: (row) => <PersonCell member={row} you={t("you")} /> },
    {
      id: "role",
      header: t("role"),
      cell: (row) => (row.changeable ? <RoleSelect key={row.role} organization={organization} membershipId={row.id} name={row.name ?? row.email} role={row.role} roles={roles} /> : t(`roles.${row.role}`)),
    },
    { id: "keys", header: t("keys"), align: "right", wideOnly: true, cell: (row) => row.keys },
    { id: "joined", header: t("joined"), wideOnly: true, cell: (row) => <Time value={row.joinedAt} timeZone={timeZone} shape="date" /> },
    { id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right", className: "w-0", cell: (row) => row.changeable && !row.self && <MemberMenu organization={organization} membershipId={row.id} name={row.name ?? row.email} keys={row.keys} /> },
  ]
  return <DataTable label={t("title")} columns={columns} rows={members} rowKey={(row) => row.id} {...table} />
}

function PersonCell({ member: { name, email, self, managedBy }, you }: { readonly member: MemberView; readonly you: string }) {
  return (
    <div className="flex min-w-0 items-center gap-3">
      <Avatar name={name ?? email} />
      <div className="grid min-w-0">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          <span className="min-w-0 wrap-anywhere">{name ?? email}</span>
          {self && <Badge>{you}</Badge>}
          <ManagedBadge file={managedBy} />
        </span>
        {name !== null && <span className="truncate text-xs text-muted-foreground">{email}</span>}
      </div>
    </div>
  )
}
