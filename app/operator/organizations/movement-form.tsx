"use client"

import { useTranslations } from "next-intl"
import { type ReactNode, useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { DialogBody, DialogFooter } from "#components/ui/dialog.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import type { FormAction } from "#lib/kernel/form-state.ts"

type MovementFormProps = {
  readonly organizationId: string
  readonly action: FormAction<null>
  readonly doneMessage: string
  readonly submit: string
  readonly onDone: () => void
  readonly children: ReactNode
}

/** What moves money, with its reason. A form that is sent twice is one posting: its key is made once per opening. */
export function MovementForm({ organizationId, action, doneMessage, submit, onDone, children }: MovementFormProps) {
  const t = useTranslations("organizations.actions")
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"))
  return (
    <DialogForm action={action} doneMessage={doneMessage} onDone={onDone}>
      <DialogBody>
        <input type="hidden" name="organizationId" value={organizationId} />
        <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
        {children}
        <FormField name="reason" label={t("reason")} description={t("reasonHint")}>
          <Input name="reason" required maxLength={500} />
        </FormField>
      </DialogBody>
      <DialogFooter>
        <SubmitButton>{submit}</SubmitButton>
      </DialogFooter>
    </DialogForm>
  )
}

export function AmountField({ description, optional = false }: { readonly description?: string; readonly optional?: boolean }) {
  const t = useTranslations("organizations.actions")
  return (
    <FormField name="amount" label={t("amount")} description={description} optional={optional}>
      <InputGroup before="$" name="amount" required={!optional} inputMode="decimal" autoComplete="off" />
    </FormField>
  )
}
