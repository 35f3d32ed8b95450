import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { PublicShell } from "#components/shell/public-shell.tsx"
import { currentPerson } from "#lib/server/session.ts"
import { mayReadPriceList } from "./may-read-price-list.ts"

export default async function PublicLayout({ children }: { readonly children: ReactNode }) {
  const [t, person, showsModels] = await Promise.all([getTranslations("landing"), currentPerson(), mayReadPriceList()])
  return (
    <PublicShell isSignedIn={person !== null} links={showsModels ? [{ href: "/models", label: t("models") }] : []}>
      {children}
    </PublicShell>
  )
}
