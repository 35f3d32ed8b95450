"use client"

import { useTranslations } from "next-intl"
import { CardForm } from "#components/form/card-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { Textarea } from "#components/ui/textarea.tsx"
import type { FormAction } from "#lib/kernel/form-state.ts"
import type { PlanDraft } from "./plan-draft.ts"

type PlanFormProps = {
  readonly action: FormAction
  /** Null: a new one. */
  readonly plan: { readonly id: string; readonly draft: PlanDraft } | null
}

const periods = ["day", "week", "month", "year"] as const
const limits = ["requestsPerMinute", "tokensPerMinute", "concurrent"] as const

/** All that an operator says of a plan; what single models cost on it stands below it on its page. */
export function PlanForm({ action, plan }: PlanFormProps) {
  const t = useTranslations("plans.form")
  const draft = plan?.draft
  return (
    <CardForm action={action} doneMessage={t("saved")} footer={<SubmitButton>{t(plan === null ? "create" : "save")}</SubmitButton>}>
      {plan !== null && <input type="hidden" name="planId" value={plan.id} />}
      <FormField name="name" label={t("name")}>
        <Input name="name" required maxLength={80} autoComplete="off" defaultValue={draft?.name} />
      </FormField>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField name="amount" label={t("amount")} description={t("amountHint")}>
          <InputGroup before="$" name="amount" required inputMode="decimal" autoComplete="off" defaultValue={draft?.amount} />
        </FormField>
        <FormField name="period" label={t("period")}>
          <Select name="period" defaultValue={draft?.period ?? "month"} options={periods.map((value) => ({ value, label: t(`periodOption.${value}`) }))} />
        </FormField>
        <FormField name="allowance" label={t("allowance")} description={t("allowanceHint")} optional>
          <InputGroup before="$" name="allowance" inputMode="decimal" autoComplete="off" defaultValue={draft?.allowance} />
        </FormField>
        <FormField name="markup" label={t("markup")} description={t("markupHint")} optional>
          <InputGroup before="×" name="markup" inputMode="decimal" autoComplete="off" defaultValue={draft?.markup} />
        </FormField>
      </div>
      <FormField name="models" label={t("models")} description={t("modelsHint")} optional>
        <Textarea name="models" rows={Math.min(Math.max(draft?.models.length ?? 0, 3), 12)} spellCheck={false} className="font-mono text-xs md:text-xs" defaultValue={draft?.models.join("\n")} />
      </FormField>
      <fieldset className="grid gap-2">
        <legend className="mb-2 text-sm font-medium">{t("limits")}</legend>
        <div className="grid gap-4 sm:grid-cols-3">
          {limits.map((name) => (
            <FormField key={name} name={name} label={t(name)} optional>
              <Input name={name} type="number" inputMode="numeric" min={1} defaultValue={draft?.[name]} />
            </FormField>
          ))}
        </div>
      </fieldset>
    </CardForm>
  )
}
