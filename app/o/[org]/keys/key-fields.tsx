"use client"

import { useTranslations } from "next-intl"
import { FormField } from "#components/form/form-field.tsx"
import { MultiCombobox } from "#components/ui/combobox.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import type { KeyView } from "#lib/features/keys/index.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"

/** What a key may be given: the choices of its form. */
export type KeyChoices = { readonly projects: readonly { readonly id: string; readonly name: string }[]; readonly models: readonly string[] }

const periods = ["total", "day", "week", "month"] as const
const limits = ["requestsPerMinute", "tokensPerMinute", "concurrent"] as const

/** The fields that a new key and a changed one have in common; `of` fills them with what a key has. */
export function KeyFields({ choices, of }: { readonly choices: KeyChoices; readonly of?: KeyView }) {
  const t = useTranslations("keys.form")
  const models = [...new Set([...choices.models, ...(of?.models ?? [])])]
  return (
    <>
      {choices.projects.length > 0 && (
        <FormField name="projectId" label={t("project")}>
          <Select name="projectId" defaultValue={of?.project?.id ?? ""} options={[{ value: "", label: t("noProject") }, ...choices.projects.map(({ id, name }) => ({ value: id, label: name }))]} />
        </FormField>
      )}
      <FormField name="models[]" label={t("models")} optional description={t("modelsHint")}>
        <MultiCombobox name="models[]" options={models.map((model) => ({ value: model, label: model }))} defaultValue={of?.models} placeholder={t("allModels")} emptyText={t("noModels")} removeLabel={t("removeModel")} />
      </FormField>
      <div className="grid grid-cols-[minmax(0,1fr)_9rem] items-start gap-3">
        <FormField name="budget.amount" label={t("budget")} optional description={t("budgetHint")}>
          <InputGroup before="$" name="budget.amount" inputMode="decimal" autoComplete="off" defaultValue={of?.budget ? formatUsd(BigInt(of.budget.amountNanoUsd)) : undefined} />
        </FormField>
        <FormField name="budget.period" label={t("period")}>
          <Select name="budget.period" defaultValue={of?.budget?.period ?? "month"} options={periods.map((period) => ({ value: period, label: t(`periods.${period}`) }))} />
        </FormField>
      </div>
      <fieldset className="grid gap-1.5">
        <legend className="mb-1.5 text-sm font-medium">{t("limits")}</legend>
        <div className="grid grid-cols-1 items-start gap-3 sm:grid-cols-3">
          {limits.map((limit) => (
            <FormField key={limit} name={limit} label={t(limit)}>
              <Input name={limit} type="number" min={1} step={1} inputMode="numeric" placeholder={t("unlimited")} defaultValue={of?.limits[limit] ?? undefined} />
            </FormField>
          ))}
        </div>
      </fieldset>
      <FormField name="parameters" label={t("parameters")}>
        <Select
          name="parameters"
          defaultValue={of?.parameters ?? "lenient"}
          options={[
            { value: "lenient", label: t("lenient"), hint: t("lenientHint") },
            { value: "strict", label: t("strict"), hint: t("strictHint") },
          ]}
        />
      </FormField>
    </>
  )
}
