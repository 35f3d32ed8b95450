"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { adjustBalance } from "#app/operator/organizations/actions.ts"
import { AmountField, MovementForm } from "#app/operator/organizations/movement-form.tsx"
import { FormChoice, FormField } from "#components/form/form-field.tsx"
import { Dialog, DialogContent } from "#components/ui/dialog.tsx"
import { Select } from "#components/ui/select.tsx"
import { Switch } from "#components/ui/switch.tsx"
import type { MoneyDialogProps } from "./money-dialog.ts"

/** Corrects a balance, up or down. */
export function AdjustDialog({ organizationId, name, open, onOpenChange }: MoneyDialogProps) {
  const t = useTranslations("organizations.money")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("adjustTitle", { name })} description={t("adjustDescription")}>
        <AdjustForm organizationId={organizationId} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function AdjustForm({ organizationId, onDone }: { readonly organizationId: string; readonly onDone: () => void }) {
  const t = useTranslations("organizations.money")
  const [direction, setDirection] = useState("up")
  const [kind, setKind] = useState("paid")
  return (
    <MovementForm organizationId={organizationId} action={adjustBalance} doneMessage={t("adjusted")} submit={t("adjust")} onDone={onDone}>
      <FormField name="direction" label={t("direction")}>
        <Select name="direction" value={direction} onValueChange={(value) => setDirection(String(value))} options={[{ value: "up", label: t("up") }, { value: "down", label: t("down") }]} />
      </FormField>
      <AmountField />
      <FormField name="kind" label={t("pot")}>
        <Select name="kind" value={kind} onValueChange={(value) => setKind(String(value))} options={[{ value: "paid", label: t("figures.paid") }, { value: "promotional", label: t("figures.promotional") }]} />
      </FormField>
      {direction === "down" && kind === "paid" && (
        <FormChoice name="overdraw" label={t("overdraw")} description={t("overdrawHint")}>
          <Switch name="overdraw" />
        </FormChoice>
      )}
    </MovementForm>
  )
}
