import { FileLock2 } from "lucide-react"
import { useTranslations } from "next-intl"
import { Badge } from "./badge.tsx"

/** Says that a file manages a row, and which one on hover. Nothing where none does. */
export function ManagedBadge({ file }: { readonly file: string | null }) {
  const t = useTranslations()
  if (file === null) return null
  return (
    <Badge tone="outline" title={t("errors.managed", { file })}>
      <FileLock2 aria-hidden />
      {t("common.managed")}
    </Badge>
  )
}
