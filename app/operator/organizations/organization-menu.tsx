"use client"

import { Ellipsis } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Button } from "#components/ui/button.tsx"
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import { CreditDialog } from "./credit-dialog.tsx"
import { setOrganizationDisabled, setOrganizationKind } from "./actions.ts"

type Organization = { readonly id: string; readonly name: string; readonly kind: "internal" | "customer"; readonly disabled: boolean; readonly managed: boolean }

/**
 * What an operator can do with a tenant. Each thing asks first and says what it means for the people in it. Credit may be given to
 * what a file manages too: a file counts its own grants alone.
 */
export function OrganizationMenu({ organization: { id, name, kind, disabled, managed } }: { readonly organization: Organization }) {
  const t = useTranslations("organizations.actions")
  const [asked, setAsked] = useState<"credit" | "kind" | "disabled" | null>(null)
  const closing = (open: boolean) => !open && setAsked(null)
  const otherKind = kind === "internal" ? "customer" : "internal"
  const kindWord = kind === "internal" ? "makeCustomer" : "makeInternal"
  const stateWord = disabled ? "enable" : "disable"
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger
          render={
            <Button variant="ghost" size="icon-sm" aria-label={t("menu", { name })}>
              <Ellipsis aria-hidden />
            </Button>
          }
        />
        <DropdownMenuContent>
          <DropdownMenuItem onClick={() => setAsked("credit")}>{t("credit")}</DropdownMenuItem>
          {!managed && <DropdownMenuItem onClick={() => setAsked("kind")}>{t(kindWord)}</DropdownMenuItem>}
          {!managed && (
            <DropdownMenuItem destructive={!disabled} onClick={() => setAsked("disabled")}>
              {t(stateWord)}
            </DropdownMenuItem>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <CreditDialog organizationId={id} name={name} open={asked === "credit"} onOpenChange={closing} />
      <ConfirmAction
        action={setOrganizationKind}
        fields={{ organizationId: id, kind: otherKind }}
        title={t(`${kindWord}Title`, { name })}
        description={t(`${kindWord}Description`)}
        confirmLabel={t(kindWord)}
        doneMessage={t(`${kindWord}Done`)}
        destructive={false}
        open={asked === "kind"}
        onOpenChange={closing}
      />
      <ConfirmAction
        action={setOrganizationDisabled}
        fields={{ organizationId: id, disabled: String(!disabled) }}
        title={t(`${stateWord}Title`, { name })}
        description={t(`${stateWord}Description`)}
        confirmLabel={t(stateWord)}
        doneMessage={t(`${stateWord}Done`)}
        destructive={!disabled}
        open={asked === "disabled"}
        onOpenChange={closing}
      />
    </>
  )
}
