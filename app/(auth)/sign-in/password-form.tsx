"use client"

import { useTranslations } from "next-intl"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input } from "#components/ui/input.tsx"
import { signInWith } from "../sign-in-with.ts"

/** E-mail and password. What is refused keeps what was typed. */
export function PasswordForm({ returnTo }: { readonly returnTo: string }) {
  const t = useTranslations("auth")
  const errors = useTranslations("errors")
  const action: FormAction = async (_state, data) => {
    const refusal = await signInWith("password", { email: String(data.get("email")), password: String(data.get("password")) })
    if (refusal !== null) return { status: "refused", message: errors(refusal.key, { minutes: refusal.minutes }), fields: {} }
    window.location.assign(returnTo)
    return { status: "done", value: null }
  }
  return (
    <Form action={action}>
      <FormField name="email" label={t("email")}>
        <Input name="email" type="email" autoComplete="username" required autoFocus />
      </FormField>
      <FormField name="password" label={t("password")}>
        <Input name="password" type="password" autoComplete="current-password" required />
      </FormField>
      <SubmitButton>{t("signIn")}</SubmitButton>
    </Form>
  )
}
