"use client"

import { Plus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import type { MadeKey } from "#lib/features/keys/index.ts"
import { createKey } from "./actions.ts"
import { type KeyChoices, KeyFields } from "./key-fields.tsx"
import { type FirstCallFacts, MadeKeyContent } from "./made-key.tsx"

type CreateKeyProps = { readonly organization: string; readonly choices: KeyChoices; readonly facts: FirstCallFacts; readonly mayShare: boolean }

const lifetimes = ["never", "7", "30", "90", "365"] as const

/** Makes a key, then shows its secret, this once. */
export function CreateKeyDialog({ organization, choices, facts, mayShare }: CreateKeyProps) {
  const t = useTranslations("keys")
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<MadeKey | null>(null)
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        if (next) setMade(null)
      }}
    >
      <DialogTrigger render={<Button />}>
        <Plus aria-hidden />
        {t("create")}
      </DialogTrigger>
      {made === null ? (
        <DialogContent title={t("createTitle")} description={t("createDescription")}>
          <DialogForm action={createKey.bind(null, organization)} onDone={setMade}>
            <DialogBody>
              <FormField name="name" label={t("form.name")}>
                <Input name="name" required maxLength={100} autoFocus autoComplete="off" placeholder={t("form.namePlaceholder")} />
              </FormField>
              <div className="grid grid-cols-1 items-start gap-4 sm:grid-cols-2 sm:gap-3">
                <FormField name="kind" label={t("form.kind")}>
                  <Select
                    name="kind"
                    defaultValue="live"
                    options={[
                      { value: "live", label: t("form.live"), hint: t("form.liveHint") },
                      { value: "test", label: t("form.test"), hint: t("form.testHint") },
                    ]}
                  />
                </FormField>
                <FormField name="expiry" label={t("form.expires")}>
                  <Select name="expiry" defaultValue="never" options={lifetimes.map((days) => ({ value: days, label: days === "never" ? t("form.never") : t("form.inDays", { days: Number(days) }) }))} />
                </FormField>
              </div>
              {mayShare && (
                <FormField name="owner" label={t("form.owner")}>
                  <Select
                    name="owner"
                    defaultValue="me"
                    options={[
                      { value: "me", label: t("form.me"), hint: t("form.meHint") },
                      { value: "organization", label: t("form.organization"), hint: t("form.organizationHint") },
                    ]}
                  />
                </FormField>
              )}
              <KeyFields choices={choices} />
            </DialogBody>
            <DialogFooter>
              <SubmitButton>{t("create")}</SubmitButton>
            </DialogFooter>
          </DialogForm>
        </DialogContent>
      ) : (
        <MadeKeyContent made={made} facts={facts} />
      )}
    </Dialog>
  )
}
