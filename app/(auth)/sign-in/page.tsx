import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { Alert } from "#components/ui/alert.tsx"
import { providerButtons } from "#lib/server/auth-providers.ts"
import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"
import { AuthCard, textLinkClass } from "../auth-card.tsx"
import { destinationOf } from "../destination.ts"
import { OrLine } from "../or-line.tsx"
import { ProviderButtons } from "../provider-buttons.tsx"
import { faultOf } from "./faults.ts"
import { MailForm } from "./mail-form.tsx"
import { PasswordForm } from "./password-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth")
  return { title: t("signIn") }
}

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>> }) {
  const { returnTo: asked, callbackUrl, error } = await searchParams
  const returnTo = destinationOf(asked ?? callbackUrl)
  const fault = faultOf(error)
  if (fault === null && (await currentPerson()) !== null) redirect(returnTo)
  const t = await getTranslations("auth")
  const { env, mailer, people } = container()
  const providers = providerButtons(env)
  return (
    <AuthCard
      title={t("signInTitle")}
      foot={
        people.signUpAllowed(false)
          ? t.rich("noAccount", {
              link: (words) => (
                <Link href="/sign-up" className={textLinkClass}>
                  {words}
                </Link>
              ),
            })
          : t("byInvitation")
      }
    >
      {fault !== null && <Alert tone="danger">{t(`faults.${fault}`)}</Alert>}
      {providers.length > 0 && (
        <>
          <ProviderButtons providers={providers} returnTo={returnTo} />
          <OrLine />
        </>
      )}
      <PasswordForm returnTo={returnTo} />
      {mailer !== null && (
        <>
          <OrLine />
          <MailForm returnTo={returnTo} />
        </>
      )}
    </AuthCard>
  )
}
