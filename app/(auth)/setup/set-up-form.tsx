"use client"

import { useTranslations } from "next-intl"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { FormField } from "#components/form/form-field.tsx"
import { Input } from "#components/ui/input.tsx"
import { AccountForm } from "../account-form.tsx"
import { setUp } from "../actions.ts"

/** The first operator goes on to where channels are made. */
const NEXT = "/operator/channels"

export function SetUpForm({ token, passwordCharactersMin }: { readonly token: string; readonly passwordCharactersMin: number }) {
  const t = useTranslations("setup")
  const action: FormAction<string> = async (_state, data) => {
    const made = await setUp(null, data)
    return made.status === "done" ? { status: "done", value: NEXT } : made
  }
  return (
    <AccountForm action={action} submitLabel={t("action")} passwordCharactersMin={passwordCharactersMin} hidden={{ token }}>
      <FormField name="organizationName" label={t("organization")} description={t("organizationHint")}>
        <Input name="organizationName" autoComplete="organization" required maxLength={100} autoFocus />
      </FormField>
    </AccountForm>
  )
}
