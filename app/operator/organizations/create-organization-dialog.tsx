"use client"

import { Plus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { TimeZoneInput } from "#components/form/time-zone-input.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { createOrganization } from "./actions.ts"

/** Makes a tenant of either kind. Its time zone begins as the browser's. */
export function CreateOrganizationDialog({ timeZones }: { readonly timeZones: readonly string[] }) {
  const t = useTranslations("organizations")
  const [open, setOpen] = useState(false)
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger
        render={
          <Button>
            <Plus aria-hidden />
            {t("new")}
          </Button>
        }
      />
      <DialogContent title={t("new")} description={t("newDescription")}>
        <DialogForm action={createOrganization} doneMessage={t("created")} onDone={() => setOpen(false)}>
          <DialogBody>
            <FormField name="name" label={t("name")}>
              <Input name="name" required maxLength={100} autoFocus autoComplete="off" />
            </FormField>
            <FormField name="kind" label={t("kind")} description={t("kindHint")}>
              <Select
                name="kind"
                defaultValue="internal"
                options={[
                  { value: "internal", label: t("kinds.internal") },
                  { value: "customer", label: t("kinds.customer") },
                ]}
              />
            </FormField>
            <FormField name="timeZone" label={t("timeZone")}>
              <TimeZoneInput name="timeZone" timeZones={timeZones} />
            </FormField>
          </DialogBody>
          <DialogFooter>
            <SubmitButton>{t("create")}</SubmitButton>
          </DialogFooter>
        </DialogForm>
      </DialogContent>
    </Dialog>
  )
}
