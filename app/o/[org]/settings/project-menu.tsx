"use client"

import { Archive, ArchiveRestore, MoreHorizontal, Pencil } from "lucide-react"
import { useTranslations } from "next-intl"
import { startTransition, useState } from "react"
import { toast } from "sonner"
import { Button } from "#components/ui/button.tsx"
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import { setProjectArchived } from "./actions.ts"
import { RenameProjectDialog } from "./project-dialog.tsx"

export function ProjectMenu({ organization, projectId, name, archived }: { readonly organization: string; readonly projectId: string; readonly name: string; readonly archived: boolean }) {
  const t = useTranslations("organization.settings.projects")
  const [renaming, setRenaming] = useState(false)
  const toggle = () =>
    startTransition(async () => {
      const answer = await setProjectArchived(organization, null, { projectId, archived: !archived })
      if (answer.status === "done") toast.success(archived ? t("restoredToast", { name }) : t("archivedToast", { name }))
      if (answer.status === "refused") toast.error(answer.message ?? Object.values(answer.fields).join(" "))
    })
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger render={<Button variant="ghost" size="icon-sm" aria-label={t("actionsFor", { name })} />}>
          <MoreHorizontal aria-hidden />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onClick={() => setRenaming(true)}>
            <Pencil aria-hidden className="text-muted-foreground" />
            {t("rename")}
          </DropdownMenuItem>
          <DropdownMenuItem onClick={toggle}>
            {archived ? <ArchiveRestore aria-hidden className="text-muted-foreground" /> : <Archive aria-hidden className="text-muted-foreground" />}
            {archived ? t("restore") : t("archive")}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <RenameProjectDialog organization={organization} projectId={projectId} name={name} open={renaming} onOpenChange={setRenaming} />
    </>
  )
}
