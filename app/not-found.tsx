import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { CenteredShell } from "#components/shell/centered.tsx"
import { NothingHere } from "#components/shell/nothing-here.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common.notFound")
  return { title: t("title") }
}

/** Where no shell has been drawn. */
export default function NotFound() {
  return (
    <CenteredShell>
      <NothingHere homeHref="/" />
    </CenteredShell>
  )
}
