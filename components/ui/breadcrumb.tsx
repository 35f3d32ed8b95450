import { ChevronRight } from "lucide-react"
import { useTranslations } from "next-intl"
import Link from "next/link"

export type Crumb = { readonly label: string; readonly href: string }

/** Where a page stands below its list. The page itself is its heading and is not repeated. */
export function Breadcrumb({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  const t = useTranslations("common")
  return (
    <nav aria-label={t("breadcrumb")}>
      <ol className="flex flex-wrap items-center gap-1 text-sm text-muted-foreground">
        {crumbs.map((crumb, index) => (
          <li key={crumb.href} className="flex items-center gap-1">
            {index > 0 && <ChevronRight aria-hidden className="size-3.5" />}
            <Link href={crumb.href} className="focus-ring rounded-sm hover:text-foreground">
              {crumb.label}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
