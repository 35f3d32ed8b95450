"use client"

import { Mail } from "lucide-react"
import { signIn } from "next-auth/react"
import { useTranslations } from "next-intl"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input } from "#components/ui/input.tsx"

/** Asks for a link by mail; leads to the page that says to look there, whoever asks. */
export function MailForm({ returnTo }: { readonly returnTo: string }) {
  const t = useTranslations("auth")
  const action: FormAction = async (_state, data) => {
    await signIn("email", { email: String(data.get("email")), callbackUrl: returnTo })
    return { status: "done", value: null }
  }
  return (
    <Form action={action}>
      <FormField name="email" label={t("email")}>
        <Input name="email" type="email" autoComplete="email" required />
      </FormField>
      <SubmitButton variant="outline">
        <Mail aria-hidden />
        {t("mailLink")}
      </SubmitButton>
    </Form>
  )
}
