import { useTranslations } from "next-intl"
import type { Preview } from "./draft.ts"

/** The final URL of each dialect, as it is typed; announced politely, so that a screen reader hears it settle. */
export function EndpointPreview({ preview, touched }: { readonly preview: Preview; readonly touched: boolean }) {
  const t = useTranslations("channels")
  return (
    <div aria-live="polite" className="grid gap-2 rounded-lg border border-border bg-muted/60 px-3.5 py-3 text-sm">
      <p className="text-xs font-medium text-muted-foreground">{t("form.preview")}</p>
      {preview.ok ? (
        <dl className="grid gap-2">
          {preview.urls.map(({ dialect, url }) => (
            <div key={dialect} className="grid gap-0.5">
              <dt className="text-xs text-muted-foreground">{t(`dialect.${dialect}`)}</dt>
              <dd className="font-mono text-xs break-all">{url}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className={touched && preview.error !== "missing" ? "text-destructive" : "text-muted-foreground"}>{t(`form.previewProblem.${preview.error}`)}</p>
      )}
    </div>
  )
}
