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

type Refundable = {
  /** The call, where it is known already; null: one is asked for. */
  readonly requestId: string | null
  readonly hasWallet: boolean
}

type RefundDialogProps = MoneyDialogProps & Refundable

/** Gives a call back, or writes down that paid credit was paid back. */
export function RefundDialog({ organizationId, name, requestId, hasWallet, open, onOpenChange }: RefundDialogProps) {
  const t = useTranslations("organizations.money")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("refundTitle", { name })} description={t("refundDescription")}>
        <RefundForm organizationId={organizationId} requestId={requestId} hasWallet={hasWallet} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function RefundForm({ organizationId, requestId, hasWallet, onDone }: Refundable & { readonly organizationId: string; readonly onDone: () => void }) {
  const t = useTranslations("organizations.money")
  const [what, setWhat] = useState("call")
  const isCall = what === "call"
  return (
    <MovementForm organizationId={organizationId} action={isCall ? refundCall : returnPaidCredit} doneMessage={t("refunded")} submit={t("refund")} onDone={onDone}>
      {hasWallet && requestId === null && (
        <RadioGroup value={what} onValueChange={(value) => setWhat(String(value))} aria-label={t("refundWhat")}>
          <RadioCard value="call" label={t("refundCall")} description={t("refundCallHint")} />
          <RadioCard value="paid" label={t("returnPaid")} description={t("returnPaidHint")} />
        </RadioGroup>
      )}
      {isCall && (
        <FormField name="requestId" label={t("requestId")} description={requestId === null ? t("requestIdHint") : undefined}>
          <Input name="requestId" required defaultValue={requestId ?? ""} readOnly={requestId !== null} autoComplete="off" spellCheck={false} className="font-mono" />
        </FormField>
      )}
      {isCall ? <AmountField description={t("refundAmountHint")} optional /> : <AmountField />}
    </MovementForm>
  )
}
