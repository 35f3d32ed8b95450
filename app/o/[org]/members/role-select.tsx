"use client"

import { useTranslations } from "next-intl"
import { useState, useTransition } from "react"
import { toast } from "sonner"
import type { Role } from "#lib/kernel/actor.ts"
import { Select } from "#components/ui/select.tsx"
import { changeRole } from "./actions.ts"

type RoleSelectProps = { readonly organization: string; readonly membershipId: string; readonly name: string; readonly role: Role; readonly roles: readonly Role[] }

/** Changes a member's role at once; a refusal puts the old one back and says why. */
export function RoleSelect({ organization, membershipId, name, role, roles }: RoleSelectProps) {
  const t = useTranslations("members")
  const [shown, setShown] = useState(role)
  const [pending, startTransition] = useTransition()
  const choose = (chosen: string) => {
    const next = roles.find((candidate) => candidate === chosen)
    if (next === undefined || next === shown) return
    setShown(next)
    startTransition(async () => {
      const answer = await changeRole(organization, null, { membershipId, role: next })
      if (answer.status === "done") return void toast.success(t("roleChanged", { name, role: t(`roles.${next}`) }))
      setShown(role)
      if (answer.status === "refused") toast.error(answer.message ?? Object.values(answer.fields).join(" "))
    })
  }
  return <Select size="sm" aria-label={t("roleOf", { name })} options={roles.map((value) => ({ value, label: t(`roles.${value}`), hint: t(`roleHints.${value}`) }))} value={shown} onValueChange={choose} disabled={pending} className="w-32" />
}
