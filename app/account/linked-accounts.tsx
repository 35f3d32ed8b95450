"use client"

import { KeyRound } from "lucide-react"
import { signIn } from "next-auth/react"
import { useTranslations } from "next-intl"
import type { ProviderButton } from "#lib/server/auth-providers.ts"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { GithubMark, GoogleMark } from "../(auth)/provider-marks.tsx"
import { unlinkAccount } from "./actions.ts"

const marks = { github: GithubMark, google: GoogleMark, oidc: KeyRound } as const

/** Links another provider's account: going there from a signed-in browser is the only way that does. */
export function LinkedAccounts({ providers, linked }: { readonly providers: readonly ProviderButton[]; readonly linked: readonly string[] }) {
  const t = useTranslations("account.linked")
  return (
    <Card>
      <ul className="divide-y divide-border">
        {providers.map(({ id, name }) => {
          const Mark = marks[id]
          return (
            <li key={id} className="flex items-center gap-3 px-5 py-3.5">
              <Mark aria-hidden className="size-5 shrink-0" />
              <span className="flex-1 text-sm font-medium">{name}</span>
              {linked.includes(id) ? (
                <ConfirmAction action={unlinkAccount} fields={{ provider: id }} title={t("unlinkTitle", { provider: name })} description={t("unlinkDescription", { provider: name })} confirmLabel={t("unlink")} doneMessage={t("unlinked", { provider: name })} trigger={<Button variant="outline" size="sm">{t("unlink")}</Button>} />
              ) : (
                <Button variant="outline" size="sm" onClick={() => void signIn(id, { callbackUrl: "/account" })}>
                  {t("link")}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
