import { Signpost } from "lucide-react"
import type { Metadata } from "next"
import { useTranslations } from "next-intl"
import { getTranslations } from "next-intl/server"
import { CenteredShell } from "#components/shell/centered.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.notFound")
  return { title: t("title") }
}

/** The same page for what does not exist and for what one may not see. */
export default function NotFound() {
  const t = useTranslations("common.notFound")
  return (
    <CenteredShell>
      <EmptyState icon={Signpost} title={t("title")} titleAs="h1" description={t("description")} actions={<ButtonLink href="/">{t("home")}</ButtonLink>} />
    </CenteredShell>
  )
}
