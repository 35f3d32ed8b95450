"use client"

import { useTranslations } from "next-intl"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { revokeInvitation } from "./actions.ts"

export function RevokeInvitation({ organization, invitationId, email }: { readonly organization: string; readonly invitationId: string; readonly email: string }) {
  const t = useTranslations("members.invitations")
  return (
    <Form action={revokeInvitation.bind(null, organization)} doneMessage={t("revoked")}>
      <input type="hidden" name="invitationId" value={invitationId} />
      <SubmitButton variant="outline" size="sm" aria-label={t("revokeNamed", { email })}>
        {t("revoke")}
      </SubmitButton>
    </Form>
  )
}
