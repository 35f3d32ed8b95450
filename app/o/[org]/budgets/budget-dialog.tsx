"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { InputGroup } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import type { BudgetPeriod } from "#lib/features/budgets/index.ts"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"

type BudgetDialogProps = {
  readonly title: string
  readonly description: string
  /** The words on the button, and its accessible name: whose budget it is. */
  readonly trigger: string
  readonly triggerLabel: string
  readonly current: { readonly amountNanoUsd: string; readonly period: BudgetPeriod } | null
  /** What both actions are told: whose budget. */
  readonly fields: Readonly<Record<string, string>>
  readonly save: FormAction
  readonly remove: FormAction
  /** Null: there is nothing to remove. */
  readonly removeLabel: string | null
}

const periods = ["month", "week", "day", "total"] as const

/** Sets, changes or removes one budget. */
export function BudgetDialog({ title, description, trigger, triggerLabel, current, fields, save, remove, removeLabel }: BudgetDialogProps) {
  const t = useTranslations("budgets")
  const [open, setOpen] = useState(false)
  const hidden = Object.entries(fields).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger render={<Button variant="outline" size="sm" aria-label={triggerLabel} />}>{trigger}</DialogTrigger>
      <DialogContent title={title} description={description}>
        <DialogForm id="budget" action={save} doneMessage={t("dialog.saved")} onDone={() => setOpen(false)}>
          <DialogBody>
            {hidden}
            <div className="grid grid-cols-[minmax(0,1fr)_9rem] items-start gap-3">
              <FormField name="budget.amount" label={t("dialog.amount")}>
                <InputGroup before="$" name="budget.amount" inputMode="decimal" autoComplete="off" placeholder="25.00" required autoFocus defaultValue={current === null ? undefined : formatUsd(BigInt(current.amountNanoUsd))} />
              </FormField>
              <FormField name="budget.period" label={t("dialog.period")}>
                <Select name="budget.period" defaultValue={current?.period ?? "month"} options={periods.map((period) => ({ value: period, label: t(`per.${period}`) }))} />
              </FormField>
            </div>
          </DialogBody>
        </DialogForm>
        <DialogFooter>
          {removeLabel !== null && (
            <Form action={remove} doneMessage={t("dialog.removed")} onDone={() => setOpen(false)} className="mr-auto">
              {hidden}
              <SubmitButton variant="outline">{removeLabel}</SubmitButton>
            </Form>
          )}
          <Button type="submit" form="budget">
            {t("dialog.save")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
