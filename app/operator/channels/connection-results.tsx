import { CircleCheck, CircleX } from "lucide-react"
import { useTranslations } from "next-intl"
import type { ConnectionResult } from "#lib/features/channels/index.ts"

/** What a real call to each dialect came to: status, latency and the upstream's own words. */
export function ConnectionResults({ results }: { readonly results: readonly ConnectionResult[] }) {
  const t = useTranslations("channels.test")
  const dialect = useTranslations("channels.dialect")
  return (
    <ul className="grid gap-2" aria-label={t("results")}>
      {results.map((result) => (
        <li key={`${result.dialect} ${result.kind}`} className="grid gap-1 rounded-lg border border-border bg-background px-3 py-2.5 text-sm dark:bg-card">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            {result.ok ? <CircleCheck aria-hidden className="size-4 text-success" /> : <CircleX aria-hidden className="size-4 text-destructive" />}
            <span className="font-medium">{result.kind === "chat" ? dialect(result.dialect) : t(`kind.${result.kind}`)}</span>
            <span className="text-muted-foreground">{result.problem === null ? t("works") : t(`problem.${result.problem}`)}</span>
            <span className="ml-auto tabular-nums text-muted-foreground">
              {result.status !== null && t("status", { status: result.status })}
              {result.status !== null && " · "}
              {t("latency", { milliseconds: result.latencyMs })}
            </span>
          </div>
          <code className="font-mono text-xs break-all text-muted-foreground">{result.url}</code>
          {result.words !== "" && <p className="text-sm break-words">{t("words", { words: result.words })}</p>}
        </li>
      ))}
    </ul>
  )
}
