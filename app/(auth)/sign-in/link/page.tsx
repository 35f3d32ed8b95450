import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { ButtonLink } from "#components/ui/button.tsx"
import { container } from "#lib/server/container.ts"
import { AuthCard } from "../../auth-card.tsx"
import { ENTRANCE } from "../../destination.ts"
import { LinkForm } from "./link-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.linkPage")
  return { title: t("title") }
}

/** Where `turnpike admin` leads: signs in once, by a press. */
export default async function LinkPage({ searchParams }: { readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>> }) {
  const t = await getTranslations("auth.linkPage")
  const { token } = await searchParams
  const works = typeof token === "string" && (await container().setUp.isSignInLink(token))
  if (!works) {
    return (
      <AuthCard title={t("spentTitle")} description={t("spentDescription")}>
        <ButtonLink href="/sign-in">{t("toSignIn")}</ButtonLink>
      </AuthCard>
    )
  }
  return (
    <AuthCard title={t("title")} description={t("description")}>
      <LinkForm token={token} returnTo={ENTRANCE} />
    </AuthCard>
  )
}
