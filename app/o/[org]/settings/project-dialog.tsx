"use client"

import { Plus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import type { FormAction } from "#lib/kernel/form-state.ts"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { createProject, renameProject } from "./actions.ts"

/** Makes a project. */
export function ProjectDialog({ organization }: { readonly organization: string }) {
  const t = useTranslations("organization.settings.projects")
  const [open, setOpen] = useState(false)
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger render={<Button variant="outline" size="sm" />}>
        <Plus aria-hidden />
        {t("create")}
      </DialogTrigger>
      <DialogContent title={t("createTitle")} description={t("createDescription")}>
        <NameForm action={createProject.bind(null, organization)} submitLabel={t("create")} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  )
}

/** Renames a project; opened from its row's menu. */
export function RenameProjectDialog({ organization, projectId, name, open, onOpenChange }: { readonly organization: string; readonly projectId: string; readonly name: string; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useTranslations("organization.settings.projects")
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={t("renameTitle", { name })}>
        <NameForm action={renameProject.bind(null, organization)} projectId={projectId} name={name} submitLabel={t("rename")} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

type NameFormProps<T> = { readonly action: FormAction<T>; readonly projectId?: string; readonly name?: string; readonly submitLabel: string; readonly onDone: () => void }

function NameForm<T>({ action, projectId, name, submitLabel, onDone }: NameFormProps<T>) {
  const t = useTranslations("organization")
  return (
    <DialogForm action={action} onDone={onDone}>
      <DialogBody>
        {projectId !== undefined && <input type="hidden" name="projectId" value={projectId} />}
        <FormField name="name" label={t("name")}>
          <Input name="name" required maxLength={80} defaultValue={name} autoFocus autoComplete="off" />
        </FormField>
      </DialogBody>
      <DialogFooter>
        <SubmitButton>{submitLabel}</SubmitButton>
      </DialogFooter>
    </DialogForm>
  )
}
