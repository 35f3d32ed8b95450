"use client"

import { signOut } from "next-auth/react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { Button } from "#components/ui/button.tsx"

/** Signs out and comes back to the invitation, to sign in as whom it was made out to. */
export function SwitchAccount({ token }: { readonly token: string }) {
  const t = useTranslations("auth.invitation")
  const [leaving, setLeaving] = useState(false)
  const leave = async () => {
    setLeaving(true)
    await signOut({ redirect: false })
    window.location.assign(`/invitation/${token}`)
  }
  return (
    <Button pending={leaving} onClick={leave}>
      {t("switch")}
    </Button>
  )
}
