"use client"

import { UserPlus } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import type { Role } from "#lib/kernel/actor.ts"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { CopyButton } from "#components/ui/copy-button.tsx"
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { invite } from "./actions.ts"

type Made = { readonly link: string; readonly email: string; readonly mailed: boolean }

const periods = ["month", "week", "day", "total"] as const

/** Invites one person: to whom, as what, with what budget; then shows the link, this once. */
export function InviteDialog({ organization, roles }: { readonly organization: string; readonly roles: readonly Role[] }) {
  const t = useTranslations("members.invite")
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        if (next) setMade(null)
      }}
    >
      <DialogTrigger render={<Button />}>
        <UserPlus aria-hidden />
        {t("trigger")}
      </DialogTrigger>
      {made === null ? (
        <DialogContent title={t("title")} description={t("description")}>
          <InviteForm organization={organization} roles={roles} onDone={setMade} />
        </DialogContent>
      ) : (
        <DialogContent title={t("doneTitle", { email: made.email })} description={made.mailed ? t("doneMailed") : t("doneDescription")}>
          <InvitationLink link={made.link} />
        </DialogContent>
      )}
    </Dialog>
  )
}

function InviteForm({ organization, roles, onDone }: { readonly organization: string; readonly roles: readonly Role[]; readonly onDone: (made: Made) => void }) {
  const t = useTranslations("members")
  return (
    <DialogForm action={invite.bind(null, organization)} onDone={onDone}>
      <DialogBody>
        <FormField name="email" label={t("email")}>
          <Input name="email" type="email" autoComplete="off" required autoFocus />
        </FormField>
        <FormField name="role" label={t("role")}>
          <Select name="role" defaultValue="member" options={roles.map((role) => ({ value: role, label: t(`roles.${role}`), hint: t(`roleHints.${role}`) }))} />
        </FormField>
        <div className="grid grid-cols-[minmax(0,1fr)_9rem] items-start gap-3">
          <FormField name="budget.amount" label={t("budget")} optional description={t("invite.budgetHint")}>
            <InputGroup before="$" name="budget.amount" inputMode="decimal" placeholder="25.00" autoComplete="off" />
          </FormField>
          <FormField name="budget.period" label={t("period")}>
            <Select name="budget.period" defaultValue="month" options={periods.map((period) => ({ value: period, label: t(`periods.${period}`) }))} />
          </FormField>
        </div>
      </DialogBody>
      <DialogFooter>
        <SubmitButton>{t("invite.action")}</SubmitButton>
      </DialogFooter>
    </DialogForm>
  )
}

function InvitationLink({ link }: { readonly link: string }) {
  const t = useTranslations("members.invite")
  return (
    <>
      <DialogBody>
        <div className="flex items-center gap-2">
          <Input readOnly value={link} aria-label={t("link")} className="font-mono text-xs" onFocus={(event) => event.target.select()} />
          <CopyButton value={link} label={t("copy")} variant="primary" />
        </div>
      </DialogBody>
      <DialogFooter>
        <DialogClose render={<Button variant="outline" />}>{t("close")}</DialogClose>
      </DialogFooter>
    </>
  )
}
