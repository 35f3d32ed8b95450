"use client"

import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { acceptInvitation } from "../../actions.ts"

export function JoinForm({ token, label }: { readonly token: string; readonly label: string }) {
  return (
    <Form action={acceptInvitation} onDone={(path) => window.location.assign(path)}>
      <input type="hidden" name="token" value={token} />
      <SubmitButton>{label}</SubmitButton>
    </Form>
  )
}
