import { useTranslations } from "next-intl"

/** Between two ways of signing in. */
export function OrLine() {
  const t = useTranslations("auth")
  return (
    <div className="flex items-center gap-3 text-xs text-muted-foreground before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
      {t("or")}
    </div>
  )
}
