import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { ButtonLink } from "#components/ui/button.tsx"
import { PASSWORD_CHARACTERS_MIN } from "#lib/features/people/index.ts"
import { container } from "#lib/server/container.ts"
import { AuthCard } from "../auth-card.tsx"
import { SetUpForm } from "./set-up-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("setup")
  return { title: t("title") }
}

/** Where the set-up link of the first start leads: makes the first operator and names their organization. */
export default async function SetUpPage({ searchParams }: { readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>> }) {
  const t = await getTranslations("setup")
  const { setUp } = container()
  const { token } = await searchParams
  if (await setUp.operatorExists()) {
    return (
      <AuthCard title={t("doneTitle")} description={t("doneDescription")}>
        <ButtonLink href="/sign-in">{t("toSignIn")}</ButtonLink>
      </AuthCard>
    )
  }
  if (typeof token !== "string" || !(await setUp.isSetUpLink(token))) return <AuthCard title={t("spentTitle")} description={t("spentDescription")} />
  return (
    <AuthCard title={t("title")} description={t("description")}>
      <SetUpForm token={token} passwordCharactersMin={PASSWORD_CHARACTERS_MIN} />
    </AuthCard>
  )
}
