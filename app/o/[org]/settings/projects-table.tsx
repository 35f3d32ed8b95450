import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { DataTable, type Column } from "#components/data-table/data-table.tsx"
import { Badge } from "#components/ui/badge.tsx"
import { ManagedBadge } from "#components/ui/managed-badge.tsx"
import type { ProjectView } from "#lib/features/projects/index.ts"
import { ProjectMenu } from "./project-menu.tsx"

export async function ProjectsTable({ organization, projects, empty }: { readonly organization: string; readonly projects: readonly ProjectView[]; readonly empty: ReactNode }) {
  const t = await getTranslations("organization.settings.projects")
  const columns: readonly Column<ProjectView>[] = [
    {
      id: "name",
      header: t("name"),
      cell: (row) => (
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {row.name}
          {row.archived && <Badge tone="outline">{t("archived")}</Badge>}
          <ManagedBadge file={row.managedBy} />
        </span>
      ),
    },
    { id: "keys", header: t("keys"), align: "right", cell: (row) => row.keys },
    { id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right", className: "w-0", cell: (row) => row.managedBy === null && <ProjectMenu organization={organization} projectId={row.id} name={row.name} archived={row.archived} /> },
  ]
  return <DataTable label={t("title")} columns={columns} rows={projects} rowKey={(row) => row.id} empty={empty} />
}
