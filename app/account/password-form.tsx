"use client"

import { useTranslations } from "next-intl"
import { CardForm } from "#components/form/card-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Card } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import { changePassword } from "./actions.ts"

export function PasswordForm({ email, hasPassword, charactersMin }: { readonly email: string; readonly hasPassword: boolean; readonly charactersMin: number }) {
  const t = useTranslations("account.password")
  const auth = useTranslations("auth")
  return (
    <Card>
      <CardForm action={changePassword} doneMessage={t("saved")} resetOnDone fieldsClassName="items-start sm:grid-cols-2" footer={<SubmitButton>{hasPassword ? t("changeAction") : t("setAction")}</SubmitButton>}>
          {/* Password managers keep a password under the account's name. */}
          <input type="email" autoComplete="username" readOnly value={email} hidden />
          {hasPassword && (
            <FormField name="current" label={t("current")}>
              <Input name="current" type="password" autoComplete="current-password" required />
            </FormField>
          )}
          <FormField name="password" label={t("new")} description={auth("passwordHint", { minimum: charactersMin })}>
            <Input name="password" type="password" autoComplete="new-password" required minLength={charactersMin} maxLength={200} />
          </FormField>
      </CardForm>
    </Card>
  )
}
