import { SearchX } from "lucide-react"
import { useTranslations } from "next-intl"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"

/** What stands in place of a list in which nothing was found, with the way back to all of it. */
export function NothingFound({ search, allHref }: { readonly search: string; readonly allHref: string }) {
  const t = useTranslations("common.search")
  return (
    <EmptyState
      icon={SearchX}
      title={t("nothing", { search })}
      description={t("hint")}
      actions={
        <ButtonLink href={allHref} variant="outline">
          {t("all")}
        </ButtonLink>
      }
      className="py-12"
    />
  )
}
