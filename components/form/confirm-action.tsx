"use client"

import { useTranslations } from "next-intl"
import { type ReactElement, type ReactNode, useState } from "react"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { AlertDialog, AlertDialogClose, AlertDialogContent, AlertDialogTrigger } from "#components/ui/alert-dialog.tsx"
import { Button } from "#components/ui/button.tsx"
import { Form } from "./form.tsx"
import { SubmitButton } from "./submit-button.tsx"

type ConfirmActionProps = {
  readonly action: FormAction
  /** What the action is about, sent as hidden fields: `{ keyId: "key_…" }`. */
  readonly fields: Readonly<Record<string, string>>
  readonly title: ReactNode
  readonly description: ReactNode
  /** The verb on the button: “Revoke”, never “OK”. */
  readonly confirmLabel: string
  /** Said in a toast once it is done. */
  readonly doneMessage?: string
  readonly destructive?: boolean
  /** The button that asks. Leave it out and pass `open` where a menu item asks. */
  readonly trigger?: ReactElement
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  readonly onDone?: () => void
}

/** Asks, then calls a server action; a refusal is shown in the dialog, which then stays open. */
export function ConfirmAction({ action, fields, title, description, confirmLabel, doneMessage, destructive = true, trigger, open: controlledOpen, onOpenChange, onDone }: ConfirmActionProps) {
  const t = useTranslations("common")
  const [ownOpen, setOwnOpen] = useState(false)
  const open = controlledOpen ?? ownOpen
  const setOpen = (next: boolean) => {
    setOwnOpen(next)
    onOpenChange?.(next)
  }
  const formId = `confirm-${Object.values(fields).join("-")}`
  return (
    <AlertDialog open={open} onOpenChange={setOpen}>
      {trigger !== undefined && <AlertDialogTrigger render={trigger} />}
      <AlertDialogContent
        title={title}
        description={description}
        footer={
          <Form
            id={formId}
            action={action}
            {...(doneMessage !== undefined && { doneMessage })}
            className="flex w-full flex-wrap justify-end gap-2 [&>[role=alert]]:w-full"
            onDone={() => {
              setOpen(false)
              onDone?.()
            }}
          >
            {Object.entries(fields).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            <AlertDialogClose render={<Button variant="outline" />}>{t("cancel")}</AlertDialogClose>
            <SubmitButton variant={destructive ? "destructive" : "primary"}>{confirmLabel}</SubmitButton>
          </Form>
        }
      />
    </AlertDialog>
  )
}
