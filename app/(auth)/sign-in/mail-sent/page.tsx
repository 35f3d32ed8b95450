import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { ButtonLink } from "#components/ui/button.tsx"
import { AuthCard } from "../../auth-card.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.mailSent")
  return { title: t("title") }
}

/** The same for whoever has an account and whoever has none. */
export default async function MailSentPage() {
  const t = await getTranslations("auth.mailSent")
  return (
    <AuthCard title={t("title")} description={t("description")}>
      <ButtonLink variant="outline" href="/sign-in">
        {t("back")}
      </ButtonLink>
    </AuthCard>
  )
}
