"use client"

import { MoreHorizontal, UserMinus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Button } from "#components/ui/button.tsx"
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import { removeMember } from "./actions.ts"

export function MemberMenu({ organization, membershipId, name, keys }: { readonly organization: string; readonly membershipId: string; readonly name: string; readonly keys: number }) {
  const t = useTranslations("members")
  const [asking, setAsking] = useState(false)
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger render={<Button variant="ghost" size="icon-sm" aria-label={t("actionsFor", { name })} />}>
          <MoreHorizontal aria-hidden />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onClick={() => setAsking(true)}>
            <UserMinus aria-hidden className="text-muted-foreground" />
            {t("remove")}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <ConfirmAction
        action={removeMember.bind(null, organization)}
        fields={{ membershipId }}
        title={t("removeTitle", { name })}
        description={t("removeDescription", { keys })}
        confirmLabel={t("remove")}
        doneMessage={t("removed")}
        open={asking}
        onOpenChange={setAsking}
      />
    </>
  )
}
