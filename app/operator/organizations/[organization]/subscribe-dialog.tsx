"use client"

import { useLocale, useTranslations } from "next-intl"
import { useState, useTransition } from "react"
import { previewPlan, subscribeToPlan } from "#app/operator/plans/actions.ts"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { readableUsd } from "#components/format/money.ts"
import { Time } from "#components/format/time.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Select } from "#components/ui/select.tsx"
import type { Preview } from "#lib/features/plans/index.ts"
import type { FormState } from "#lib/kernel/form-state.ts"
import type { MoneyDialogProps } from "./money-dialog.ts"

export type PlanChoice = { readonly id: string; readonly name: string }

type SubscribeDialogProps = MoneyDialogProps & { readonly choices: readonly PlanChoice[]; readonly timeZone: string }

/** Puts an organization on a plan; says first what it comes to at this moment. */
export function SubscribeDialog({ organizationId, name, open, onOpenChange, choices, timeZone }: SubscribeDialogProps) {
  const t = useTranslations("plans.subscription")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("assignTitle", { name })} description={t("assignDescription")}>
        {choices.length === 0 ? (
          <DialogBody>
            <p className="text-sm text-muted-foreground">{t("noPlans")}</p>
          </DialogBody>
        ) : (
          <SubscribeForm organizationId={organizationId} choices={choices} timeZone={timeZone} onDone={() => onOpenChange(false)} />
        )}
      </DialogContent>
    </Dialog>
  )
}

function SubscribeForm({ organizationId, choices, timeZone, onDone }: Pick<SubscribeDialogProps, "organizationId" | "choices" | "timeZone"> & { readonly onDone: () => void }) {
  const t = useTranslations("plans.subscription")
  const [preview, setPreview] = useState<FormState<Preview>>({ status: "idle" })
  const [looking, startLooking] = useTransition()
  const look = (planId: string) => startLooking(async () => setPreview(await previewPlan(null, { organizationId, planId })))
  return (
    <DialogForm action={subscribeToPlan} doneMessage={t("assigned")} onDone={onDone}>
      <DialogBody>
        <input type="hidden" name="organizationId" value={organizationId} />
        <FormField name="planId" label={t("plan")}>
          <Select name="planId" required placeholder={t("choose")} onValueChange={look} options={choices.map(({ id, name }) => ({ value: id, label: name }))} />
        </FormField>
        <div aria-live="polite" aria-busy={looking}>
          {looking && <p className="text-sm text-muted-foreground">{t("looking")}</p>}
          {!looking && preview.status === "refused" && <Alert tone="warning">{preview.message ?? Object.values(preview.fields)[0]}</Alert>}
          {!looking && preview.status === "done" && <PreviewText preview={preview.value} timeZone={timeZone} />}
        </div>
      </DialogBody>
      <DialogFooter>
        <SubmitButton>{t("assign")}</SubmitButton>
      </DialogFooter>
    </DialogForm>
  )
}

/** What a change comes to: for the rest of the present period, and for a new one where one begins. */
function PreviewText({ preview: { continues, allowanceNanoUsd, dueNanoUsd, newPeriod }, timeZone }: { readonly preview: Preview; readonly timeZone: string }) {
  const t = useTranslations("plans.subscription")
  const locale = useLocale()
  const amount = (nanoUsd: bigint) => ({ amount: readableUsd(nanoUsd < 0n ? -nanoUsd : nanoUsd, locale) })
  const rest = continues || allowanceNanoUsd !== 0n || dueNanoUsd !== 0n
  return (
    <div className="grid gap-1.5 rounded-lg border border-border bg-muted/40 px-4 py-3 text-sm">
      <p className="font-medium">{t("preview")}</p>
      <ul className="grid list-disc gap-1 pl-4">
        {continues && <li>{t("continues")}</li>}
        {rest && <li>{allowanceNanoUsd === 0n ? t("allowanceSame") : t(allowanceNanoUsd > 0n ? "allowanceMore" : "allowanceLess", amount(allowanceNanoUsd))}</li>}
        {rest && <li>{dueNanoUsd === 0n ? t("nothingDue") : t(dueNanoUsd > 0n ? "due" : "credit", amount(dueNanoUsd))}</li>}
        {newPeriod !== null && <li>{t.rich("newPeriod", { time: () => <Time value={newPeriod.endsAt} timeZone={timeZone} /> })}</li>}
        {newPeriod !== null && newPeriod.allowanceNanoUsd > 0n && <li>{t("newAllowance", amount(newPeriod.allowanceNanoUsd))}</li>}
        {newPeriod !== null && <li>{t("newDue", amount(newPeriod.dueNanoUsd))}</li>}
      </ul>
    </div>
  )
}
