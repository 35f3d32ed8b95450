import { ChevronLeft, ChevronRight } from "lucide-react"
import { useTranslations } from "next-intl"
import { ButtonLink } from "./button.tsx"

/** Steps through a list by cursor: back to the first page, on to the next one. Shown only where there is somewhere to go. */
export function Pagination({ firstHref, nextHref }: { readonly firstHref: string | null; readonly nextHref: string | null }) {
  const t = useTranslations("common.pagination")
  if (firstHref === null && nextHref === null) return null
  return (
    <nav aria-label={t("label")} className="flex items-center justify-end gap-2 border-t border-border px-4 py-2.5">
      {firstHref !== null && (
        <ButtonLink href={firstHref} variant="outline" size="sm">
          <ChevronLeft aria-hidden />
          {t("first")}
        </ButtonLink>
      )}
      {nextHref !== null && (
        <ButtonLink href={nextHref} variant="outline" size="sm">
          {t("next")}
          <ChevronRight aria-hidden />
        </ButtonLink>
      )}
    </nav>
  )
}
