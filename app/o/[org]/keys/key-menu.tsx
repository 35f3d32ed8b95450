"use client"

import { Ban, MoreHorizontal, Pencil, RefreshCw } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Button } from "#components/ui/button.tsx"
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import type { KeyView } from "#lib/features/keys/index.ts"
import { revokeKey } from "./actions.ts"
import { EditKeyDialog } from "./edit-key-dialog.tsx"
import type { KeyChoices } from "./key-fields.tsx"
import type { FirstCallFacts } from "./made-key.tsx"
import { RotateKeyDialog } from "./rotate-key-dialog.tsx"

type Window = "edit" | "rotate" | "revoke"

/** What can be done with a key; nothing is shown where nothing can. */
export function KeyMenu({ organization, view, choices, facts }: { readonly organization: string; readonly view: KeyView; readonly choices: KeyChoices; readonly facts: FirstCallFacts }) {
  const t = useTranslations("keys")
  const [opened, setOpened] = useState<Window | null>(null)
  const { update, rotate, revoke } = view.may
  if (!update && !rotate && !revoke) return null
  const windowProps = (window: Window) => ({ open: opened === window, onOpenChange: (open: boolean) => setOpened(open ? window : null) })
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger render={<Button variant="ghost" size="icon-sm" aria-label={t("actionsFor", { name: view.name })} />}>
          <MoreHorizontal aria-hidden />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {update && (
            <DropdownMenuItem onClick={() => setOpened("edit")}>
              <Pencil aria-hidden className="text-muted-foreground" />
              {t("edit")}
            </DropdownMenuItem>
          )}
          {rotate && (
            <DropdownMenuItem onClick={() => setOpened("rotate")}>
              <RefreshCw aria-hidden className="text-muted-foreground" />
              {t("rotate")}
            </DropdownMenuItem>
          )}
          {revoke && (
            <DropdownMenuItem destructive onClick={() => setOpened("revoke")}>
              <Ban aria-hidden />
              {t("revoke")}
            </DropdownMenuItem>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      {update && <EditKeyDialog organization={organization} view={view} choices={choices} {...windowProps("edit")} />}
      {rotate && <RotateKeyDialog organization={organization} view={view} facts={facts} {...windowProps("rotate")} />}
      <ConfirmAction
        action={revokeKey.bind(null, organization)}
        fields={{ keyId: view.id }}
        title={t("revokeTitle", { name: view.name })}
        description={t("revokeDescription")}
        confirmLabel={t("revoke")}
        doneMessage={t("revoked")}
        {...windowProps("revoke")}
      />
    </>
  )
}
