"use client"

import { useTranslations } from "next-intl"
import { CardForm } from "#components/form/card-form.tsx"
import { FormChoice, FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input } from "#components/ui/input.tsx"
import { Switch } from "#components/ui/switch.tsx"
import type { ModelDetail } from "#lib/features/models/index.ts"
import { describeModel } from "../actions.ts"

/** What clients are told of a model, and whether they are offered it at all. */
export function DescribeModelForm({ model: { name, own, contextTokens, outputTokensMax, enabled } }: { readonly model: ModelDetail }) {
  const t = useTranslations("models.detail")
  const common = useTranslations("common")
  return (
    <CardForm action={describeModel} doneMessage={t("saved")} footer={<SubmitButton>{common("save")}</SubmitButton>}>
      <input type="hidden" name="model" value={name} />
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField name="contextTokens" label={t("context")} optional>
          <Input name="contextTokens" type="number" inputMode="numeric" min={1} defaultValue={own.contextTokens ?? undefined} placeholder={contextTokens?.toString()} />
        </FormField>
        <FormField name="outputTokensMax" label={t("output")} optional>
          <Input name="outputTokensMax" type="number" inputMode="numeric" min={1} defaultValue={own.outputTokensMax ?? undefined} placeholder={outputTokensMax?.toString()} />
        </FormField>
      </div>
      <FormChoice name="enabled" label={t("enabled")} description={t("enabledHint")}>
        <Switch name="enabled" defaultChecked={enabled} />
      </FormChoice>
    </CardForm>
  )
}
