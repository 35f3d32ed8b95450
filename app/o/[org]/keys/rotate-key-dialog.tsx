"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Select } from "#components/ui/select.tsx"
import type { KeyView, MadeKey } from "#lib/features/keys/index.ts"
import { rotateKey } from "./actions.ts"
import { type FirstCallFacts, MadeKeyContent } from "./made-key.tsx"

type RotateKeyProps = { readonly organization: string; readonly view: KeyView; readonly facts: FirstCallFacts; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }

const overlaps = ["0", "1", "24", "168"] as const

/** Makes a key's successor: asks how long the old secret shall go on working, then shows the new one. */
export function RotateKeyDialog({ organization, view, facts, open, onOpenChange }: RotateKeyProps) {
  const t = useTranslations("keys")
  const [made, setMade] = useState<MadeKey | null>(null)
  const change = (next: boolean) => {
    onOpenChange(next)
    if (next) setMade(null)
  }
  return (
    <Dialog open={open} onOpenChange={change}>
      {made === null ? (
        <DialogContent title={t("rotateTitle", { name: view.name })} description={t("rotateDescription")}>
          <DialogForm action={rotateKey.bind(null, organization)} onDone={setMade}>
            <DialogBody>
              <input type="hidden" name="keyId" value={view.id} />
              <FormField name="overlapHours" label={t("form.overlap")}>
                <Select name="overlapHours" defaultValue="24" options={overlaps.map((hours) => ({ value: hours, label: t(`form.overlaps.${hours}`) }))} />
              </FormField>
            </DialogBody>
            <DialogFooter>
              <SubmitButton>{t("rotate")}</SubmitButton>
            </DialogFooter>
          </DialogForm>
        </DialogContent>
      ) : (
        <MadeKeyContent made={made} facts={facts} description={t("rotated")} />
      )}
    </Dialog>
  )
}
