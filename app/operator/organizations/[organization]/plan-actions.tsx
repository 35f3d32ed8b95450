"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { leavePlan } from "#app/operator/plans/actions.ts"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { RadioCard, RadioGroup } from "#components/ui/radio.tsx"
import type { MoneyDialogProps } from "./money-dialog.ts"
import { type PlanChoice, SubscribeDialog } from "./subscribe-dialog.tsx"

type PlanActionsProps = {
  readonly organizationId: string
  readonly name: string
  readonly choices: readonly PlanChoice[]
  readonly timeZone: string
  readonly isOn: boolean
  /** It ends with its period already. */
  readonly isLeaving: boolean
}

/** Puts an organization on a plan, or takes it off. */
export function PlanActions({ organizationId, name, choices, timeZone, isOn, isLeaving }: PlanActionsProps) {
  const t = useTranslations("plans.subscription")
  const [asked, setAsked] = useState<"subscribe" | "leave" | null>(null)
  const shared = { organizationId, name, onOpenChange: (open: boolean) => !open && setAsked(null) }
  return (
    <>
      {isOn && (
        <Button variant="outline" onClick={() => setAsked("leave")}>
          {t("leave")}
        </Button>
      )}
      <Button variant={isOn ? "outline" : "primary"} onClick={() => setAsked("subscribe")}>
        {t(isOn ? "change" : "assign")}
      </Button>
      <SubscribeDialog {...shared} open={asked === "subscribe"} choices={choices} timeZone={timeZone} />
      <LeaveDialog {...shared} open={asked === "leave"} isLeaving={isLeaving} />
    </>
  )
}

function LeaveDialog({ organizationId, name, open, onOpenChange, isLeaving }: MoneyDialogProps & { readonly isLeaving: boolean }) {
  const t = useTranslations("plans.subscription")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("leaveTitle", { name })} description={t("leaveDescription")}>
        <DialogForm action={leavePlan} doneMessage={t("left")} onDone={() => onOpenChange(false)}>
          <DialogBody>
            <input type="hidden" name="organizationId" value={organizationId} />
            <RadioGroup name="when" defaultValue={isLeaving ? "now" : "periodEnd"} aria-label={t("when")}>
              <RadioCard value="periodEnd" label={t("periodEnd")} description={t("periodEndHint")} />
              <RadioCard value="now" label={t("now")} description={t("nowHint")} />
            </RadioGroup>
          </DialogBody>
          <DialogFooter>
            <SubmitButton variant="destructive">{t("leave")}</SubmitButton>
          </DialogFooter>
        </DialogForm>
      </DialogContent>
    </Dialog>
  )
}
