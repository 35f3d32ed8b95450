"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { FormField } from "#components/form/form-field.tsx"
import { Dialog, DialogContent } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { RadioCard, RadioGroup } from "#components/ui/radio.tsx"
import { giveCredit } from "./actions.ts"
import { AmountField, MovementForm } from "./movement-form.tsx"

type CreditDialogProps = {
  readonly organizationId: string
  readonly name: string
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

/** Gives an organization credit: paid for, or as a gift that may expire. */
export function CreditDialog({ organizationId, name, open, onOpenChange }: CreditDialogProps) {
  const t = useTranslations("organizations.actions")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("creditTitle", { name })} description={t("creditDescription")}>
        <CreditForm organizationId={organizationId} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function CreditForm({ organizationId, onDone }: { readonly organizationId: string; readonly onDone: () => void }) {
  const t = useTranslations("organizations.actions")
  const [kind, setKind] = useState("paid")
  return (
    <MovementForm organizationId={organizationId} action={giveCredit} doneMessage={t("credited")} submit={t("credit")} onDone={onDone}>
      <AmountField />
      <RadioGroup name="kind" value={kind} onValueChange={(value) => setKind(String(value))} aria-label={t("source")}>
        <RadioCard value="paid" label={t("paid")} description={t("paidHint")} />
        <RadioCard value="promotional" label={t("promotional")} description={t("promotionalHint")} />
      </RadioGroup>
      {kind === "promotional" && (
        <FormField name="lastDay" label={t("lastDay")} description={t("lastDayHint")} optional>
          <Input name="lastDay" type="date" />
        </FormField>
      )}
    </MovementForm>
  )
}
