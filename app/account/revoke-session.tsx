"use client"

import { useTranslations } from "next-intl"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { revokeSession } from "./actions.ts"

export function RevokeSession({ sessionId, name }: { readonly sessionId: string; readonly name: string }) {
  const t = useTranslations("account.sessions")
  return (
    <Form action={revokeSession} doneMessage={t("revoked")}>
      <input type="hidden" name="sessionId" value={sessionId} />
      <SubmitButton variant="outline" size="sm" aria-label={t("revokeNamed", { name })}>
        {t("revoke")}
      </SubmitButton>
    </Form>
  )
}
