"use client"

import { TriangleAlert } from "lucide-react"
import { useTranslations } from "next-intl"
import { Button, ButtonLink } from "#components/ui/button.tsx"
import { Code } from "#components/ui/code-block.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"

/** A fault of ours. The digest is what the log names it by; the error's own words stay on the server. */
export default function ErrorPage({ error, reset }: { readonly error: Error & { readonly digest?: string }; readonly reset: () => void }) {
  const t = useTranslations("common.failure")
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 pb-24">
      <EmptyState
        icon={TriangleAlert}
        title={t("title")} titleAs="h1"
        description={t("description")}
        actions={
          <>
            <Button onClick={reset}>{t("retry")}</Button>
            <ButtonLink href="/" variant="outline">
              {t("home")}
            </ButtonLink>
          </>
        }
      >
        {error.digest !== undefined && (
          <p className="text-center text-xs text-muted-foreground">
            {t("digest")} <Code>{error.digest}</Code>
          </p>
        )}
      </EmptyState>
    </main>
  )
}
