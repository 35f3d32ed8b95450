"use client"

import { useTranslations } from "next-intl"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Card, CardContent, CardFooter } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import { updateProfile } from "./actions.ts"

export function ProfileForm({ name, email }: { readonly name: string; readonly email: string }) {
  const t = useTranslations("account.profile")
  const common = useTranslations("common")
  return (
    <Card>
      <Form action={updateProfile} doneMessage={t("saved")} className="gap-0">
        <CardContent className="grid items-start gap-4 sm:grid-cols-2">
          <FormField name="name" label={t("name")}>
            <Input name="name" autoComplete="name" required maxLength={100} defaultValue={name} />
          </FormField>
          <FormField name="email" label={t("email")} description={t("emailHint")}>
            <Input type="email" readOnly value={email} />
          </FormField>
        </CardContent>
        <CardFooter>
          <SubmitButton>{common("save")}</SubmitButton>
        </CardFooter>
      </Form>
    </Card>
  )
}
