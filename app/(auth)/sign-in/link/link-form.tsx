"use client"

import { useTranslations } from "next-intl"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { signInWith } from "../../sign-in-with.ts"

export function LinkForm({ token, returnTo }: { readonly token: string; readonly returnTo: string }) {
  const t = useTranslations("auth")
  const errors = useTranslations("errors")
  const action: FormAction = async () => {
    const refusal = await signInWith("link", { token })
    if (refusal !== null) return { status: "refused", message: errors(refusal.key, { minutes: refusal.minutes }), fields: {} }
    window.location.assign(returnTo)
    return { status: "done", value: null }
  }
  return (
    <Form action={action}>
      <SubmitButton>{t("signIn")}</SubmitButton>
    </Form>
  )
}
