"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import type { WebhookSettings } from "#lib/features/alerts/index.ts"
import { CardForm } from "#components/form/card-form.tsx"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { CopyButton } from "#components/ui/copy-button.tsx"
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { removeWebhook, setWebhook } from "./actions.ts"

/** Where a program of the organization is told of its limits. Its signing secret is shown once, when the address is set. */
export function WebhookForm({ organization, webhook, mails }: { readonly organization: string; readonly webhook: WebhookSettings | null; readonly mails: boolean }) {
  const t = useTranslations("organization.settings.webhook")
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <Card>
      <CardForm<{ readonly secret: string }> action={setWebhook.bind(null, organization)} onDone={(made) => setSecret(made.secret)} footer={<SubmitButton>{t(webhook === null ? "save" : "replace")}</SubmitButton>}>
          {!mails && <Alert>{t("noMail")}</Alert>}
          {webhook?.lastError != null && <Alert tone="warning">{t("lastError", { error: webhook.lastError })}</Alert>}
          <FormField name="url" label={t("url")} description={t("urlHint")}>
            <Input name="url" type="url" required maxLength={2000} defaultValue={webhook?.url} autoComplete="off" spellCheck={false} className="font-mono" />
          </FormField>
      </CardForm>
      <Dialog open={secret !== null} onOpenChange={(open) => !open && setSecret(null)}>
        <DialogContent title={t("secretTitle")}>
          <DialogBody>
            <Alert tone="warning">{t("secretOnce")}</Alert>
            <div className="flex items-center gap-2">
              <Input readOnly value={secret ?? ""} aria-label={t("secret")} className="font-mono text-xs md:text-xs" onFocus={(event) => event.target.select()} />
              <CopyButton value={secret ?? ""} label={t("copy")} variant="primary" />
            </div>
          </DialogBody>
          <DialogFooter>
            <DialogClose render={<Button variant="outline" />}>{t("close")}</DialogClose>
          </DialogFooter>
        </DialogContent>
      </Dialog>
    </Card>
  )
}

/** Stands outside of the form, since it is one of its own. */
export function RemoveWebhook({ organization }: { readonly organization: string }) {
  const t = useTranslations("organization.settings.webhook")
  return (
    <ConfirmAction
      action={removeWebhook.bind(null, organization)}
      fields={{}}
      title={t("removeTitle")}
      description={t("removeDescription")}
      confirmLabel={t("remove")}
      doneMessage={t("removed")}
      trigger={
        <Button variant="outline" size="sm">
          {t("remove")}
        </Button>
      }
    />
  )
}
