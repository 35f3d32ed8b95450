import { useTranslations } from "next-intl"

/** The first stop of the keyboard: past the navigation, to `#main`. */
export function SkipLink() {
  const t = useTranslations("navigation")
  return (
    <a href="#main" className="focus-ring fixed top-2 left-2 z-50 -translate-y-16 rounded-lg bg-primary px-3 py-2 text-sm font-medium text-primary-foreground focus-visible:translate-y-0">
      {t("skip")}
    </a>
  )
}
