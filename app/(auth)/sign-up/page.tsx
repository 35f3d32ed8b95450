import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { ButtonLink } from "#components/ui/button.tsx"
import { PASSWORD_CHARACTERS_MIN } from "#lib/features/people/index.ts"
import { providerButtons } from "#lib/server/auth-providers.ts"
import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"
import { AccountForm } from "../account-form.tsx"
import { register } from "../actions.ts"
import { AuthCard, textLinkClass } from "../auth-card.tsx"
import { ENTRANCE } from "../destination.ts"
import { OrLine } from "../or-line.tsx"
import { ProviderButtons } from "../provider-buttons.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.signUp")
  return { title: t("title") }
}

export default async function SignUpPage() {
  if ((await currentPerson()) !== null) redirect(ENTRANCE)
  const [t, auth] = [await getTranslations("auth.signUp"), await getTranslations("auth")]
  const { env, people } = container()
  if (!people.signUpAllowed(false)) {
    return (
      <AuthCard title={t("closedTitle")} description={t("closedDescription")}>
        <ButtonLink href="/sign-in">{auth("signIn")}</ButtonLink>
      </AuthCard>
    )
  }
  const providers = providerButtons(env)
  return (
    <AuthCard
      title={t("title")}
      foot={t.rich("haveAccount", {
        link: (words) => (
          <Link href="/sign-in" className={textLinkClass}>
            {words}
          </Link>
        ),
      })}
    >
      {providers.length > 0 && (
        <>
          <ProviderButtons providers={providers} returnTo={ENTRANCE} />
          <OrLine />
        </>
      )}
      <AccountForm action={register} submitLabel={t("action")} passwordCharactersMin={PASSWORD_CHARACTERS_MIN} />
    </AuthCard>
  )
}
