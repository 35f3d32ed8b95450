"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { Form } from "#components/form/form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { RadioCard, RadioGroup } from "#components/ui/radio.tsx"
import { giveCredit } from "./actions.ts"

type CreditDialogProps = {
  readonly organizationId: string
  readonly name: string
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

/** Gives an organization credit. A form that is sent twice is one credit: its key is made once per opening. */
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
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"))
  return (
    <DialogBody>
      <Form action={giveCredit} doneMessage={t("credited")} onDone={onDone}>
        <input type="hidden" name="organizationId" value={organizationId} />
        <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
        <FormField name="amount" label={t("amount")}>
          <InputGroup before="$" name="amount" required inputMode="decimal" autoComplete="off" />
        </FormField>
        <RadioGroup name="kind" defaultValue="paid" aria-label={t("source")}>
          <RadioCard value="paid" label={t("paid")} description={t("paidHint")} />
          <RadioCard value="promotional" label={t("promotional")} description={t("promotionalHint")} />
        </RadioGroup>
        <FormField name="reason" label={t("reason")} description={t("reasonHint")}>
          <Input name="reason" required maxLength={500} />
        </FormField>
        <DialogFooter className="-mx-5 -mb-5">
          <SubmitButton>{t("credit")}</SubmitButton>
        </DialogFooter>
      </Form>
    </DialogBody>
  )
}
