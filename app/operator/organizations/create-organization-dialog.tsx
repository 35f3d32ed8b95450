"use client"

import { Plus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { Form } from "#components/form/form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { createOrganization } from "./actions.ts"

/** Makes a tenant of either kind. Its time zone begins as the browser's. */
export function CreateOrganizationDialog() {
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
        <DialogBody>
          <Form action={createOrganization} doneMessage={t("created")} onDone={() => setOpen(false)}>
            <FormField name="name" label={t("name")}>
              <Input name="name" required maxLength={100} />
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
              <Select
                name="timeZone"
                defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone}
                options={Intl.supportedValuesOf("timeZone").concat("UTC").map((zone) => ({ value: zone, label: zone }))}
              />
            </FormField>
            <DialogFooter className="-mx-5 -mb-5">
              <SubmitButton>{t("create")}</SubmitButton>
            </DialogFooter>
          </Form>
        </DialogBody>
      </DialogContent>
    </Dialog>
  )
}
