"use client"

import { useTranslations } from "next-intl"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import type { KeyView } from "#lib/features/keys/index.ts"
import { updateKey } from "./actions.ts"
import { type KeyChoices, KeyFields } from "./key-fields.tsx"

type EditKeyProps = { readonly organization: string; readonly view: KeyView; readonly choices: KeyChoices; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }

const expiries = ["keep", "never", "7", "30", "90", "365"] as const

/** Changes what a key may do; its secret stays. */
export function EditKeyDialog({ organization, view, choices, open, onOpenChange }: EditKeyProps) {
  const t = useTranslations("keys")
  const label = (expiry: (typeof expiries)[number]) => {
    if (expiry === "keep") return t("form.keepExpiry")
    return expiry === "never" ? t("form.never") : t("form.inDays", { days: Number(expiry) })
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("editTitle", { name: view.name })} description={t("editDescription")}>
        <DialogForm action={updateKey.bind(null, organization)} doneMessage={t("edited")} onDone={() => onOpenChange(false)}>
          <DialogBody>
            <input type="hidden" name="keyId" value={view.id} />
            <FormField name="name" label={t("form.name")}>
              <Input name="name" required maxLength={100} defaultValue={view.name} autoComplete="off" />
            </FormField>
            <FormField name="expiry" label={t("form.expires")}>
              <Select name="expiry" defaultValue="keep" options={expiries.map((expiry) => ({ value: expiry, label: label(expiry) }))} />
            </FormField>
            <KeyFields choices={choices} of={view} />
          </DialogBody>
          <DialogFooter>
            <SubmitButton>{t("save")}</SubmitButton>
          </DialogFooter>
        </DialogForm>
      </DialogContent>
    </Dialog>
  )
}
