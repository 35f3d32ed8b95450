"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { refundCall, returnPaidCredit } from "#app/operator/organizations/actions.ts"
import { AmountField, MovementForm } from "#app/operator/organizations/movement-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { Dialog, DialogContent } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { RadioCard, RadioGroup } from "#components/ui/radio.tsx"
import type { MoneyDialogProps } from "./money-dialog.ts"

/** Gives a call back, or writes down that paid credit was paid back. */
export function RefundDialog({ organizationId, name, hasWallet, open, onOpenChange }: MoneyDialogProps & { readonly hasWallet: boolean }) {
  const t = useTranslations("organizations.money")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("refundTitle", { name })} description={t("refundDescription")}>
        <RefundForm organizationId={organizationId} hasWallet={hasWallet} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function RefundForm({ organizationId, hasWallet, onDone }: { readonly organizationId: string; readonly hasWallet: boolean; readonly onDone: () => void }) {
  const t = useTranslations("organizations.money")
  const [what, setWhat] = useState("call")
  const isCall = what === "call"
  return (
    <MovementForm organizationId={organizationId} action={isCall ? refundCall : returnPaidCredit} doneMessage={t("refunded")} submit={t("refund")} onDone={onDone}>
      {hasWallet && (
        <RadioGroup value={what} onValueChange={(value) => setWhat(String(value))} aria-label={t("refundWhat")}>
          <RadioCard value="call" label={t("refundCall")} description={t("refundCallHint")} />
          <RadioCard value="paid" label={t("returnPaid")} description={t("returnPaidHint")} />
        </RadioGroup>
      )}
      {isCall && (
        <FormField name="requestId" label={t("requestId")} description={t("requestIdHint")}>
          <Input name="requestId" required autoComplete="off" spellCheck={false} className="font-mono" />
        </FormField>
      )}
      {isCall ? <AmountField description={t("refundAmountHint")} optional /> : <AmountField />}
    </MovementForm>
  )
}
