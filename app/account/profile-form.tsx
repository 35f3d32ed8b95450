"use client"

import { useTranslations } from "next-intl"
import { CardForm } from "#components/form/card-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Card } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import { updateProfile } from "./actions.ts"

export function ProfileForm({ name, email }: { readonly name: string; readonly email: string }) {
  const t = useTranslations("account.profile")
  const common = useTranslations("common")
  return (
    <Card>
      <CardForm action={updateProfile} doneMessage={t("saved")} fieldsClassName="items-start sm:grid-cols-2" footer={<SubmitButton>{common("save")}</SubmitButton>}>
          <FormField name="name" label={t("name")}>
            <Input name="name" autoComplete="name" required maxLength={100} defaultValue={name} />
          </FormField>
          <FormField name="email" label={t("email")} description={t("emailHint")}>
            <Input type="email" readOnly value={email} />
          </FormField>
      </CardForm>
    </Card>
  )
}
