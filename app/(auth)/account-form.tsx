"use client"

import { useTranslations } from "next-intl"
import type { ReactNode } from "react"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input } from "#components/ui/input.tsx"
import { signInWith } from "./sign-in-with.ts"

type AccountFormProps = {
  /** Makes the account. Its value is where to go next. */
  readonly action: FormAction<string>
  readonly submitLabel: string
  /** The e-mail that an invitation was made out to. */
  readonly fixedEmail?: string
  readonly passwordCharactersMin: number
  /** Sent along: a token. */
  readonly hidden?: Readonly<Record<string, string>>
  /** Further fields, above the person's own. */
  readonly children?: ReactNode
}

/** Name, e-mail and password of a new account, which is signed in at once. */
export function AccountForm({ action, submitLabel, fixedEmail, passwordCharactersMin, hidden = {}, children }: AccountFormProps) {
  const t = useTranslations("auth")
  const makeAndEnter: FormAction<string> = async (state, data) => {
    const made = await action(state, data)
    if (made.status !== "done") return made
    const refusal = await signInWith("password", { email: String(data.get("email")), password: String(data.get("password")) })
    window.location.assign(refusal === null ? made.value : "/sign-in")
    return made
  }
  return (
    <Form action={makeAndEnter}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      <FormField name="name" label={t("name")}>
        <Input name="name" autoComplete="name" required maxLength={100} autoFocus={children === undefined} />
      </FormField>
      <FormField name="email" label={t("email")}>
        <Input name="email" type="email" autoComplete="username" required defaultValue={fixedEmail} readOnly={fixedEmail !== undefined} />
      </FormField>
      <FormField name="password" label={t("password")} description={t("passwordHint", { minimum: passwordCharactersMin })}>
        <Input name="password" type="password" autoComplete="new-password" required minLength={passwordCharactersMin} maxLength={200} />
      </FormField>
      <SubmitButton>{submitLabel}</SubmitButton>
    </Form>
  )
}
