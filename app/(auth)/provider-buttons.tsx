"use client"

import { KeyRound } from "lucide-react"
import { signIn } from "next-auth/react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import type { ProviderButton } from "#lib/server/auth-providers.ts"
import { Button } from "#components/ui/button.tsx"
import { GithubMark, GoogleMark } from "./provider-marks.tsx"

const marks = { github: GithubMark, google: GoogleMark, oidc: KeyRound } as const

/** Leads to another sign-in provider and, from there, back to `returnTo`. */
export function ProviderButtons({ providers, returnTo }: { readonly providers: readonly ProviderButton[]; readonly returnTo: string }) {
  const t = useTranslations("auth")
  const [leaving, setLeaving] = useState<string | null>(null)
  return (
    <div className="grid gap-2">
      {providers.map(({ id, name }) => {
        const Mark = marks[id]
        return (
          <Button
            key={id}
            variant="outline"
            pending={leaving === id}
            onClick={() => {
              setLeaving(id)
              void signIn(id, { callbackUrl: returnTo }).catch(() => setLeaving(null))
            }}
          >
            <Mark aria-hidden />
            {t("continueWith", { provider: name })}
          </Button>
        )
      })}
    </div>
  )
}
