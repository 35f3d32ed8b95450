import { Signpost } from "lucide-react"
import { useTranslations } from "next-intl"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"

/** Says that there is nothing at an address, inside whichever shell stands around it. The same for what does not exist and for what one may not see. */
export function NothingHere({ homeHref }: { readonly homeHref: string }) {
  const t = useTranslations("common.notFound")
  return <EmptyState icon={Signpost} title={t("title")} titleAs="h1" description={t("description")} actions={<ButtonLink href={homeHref}>{t("home")}</ButtonLink>} />
}
