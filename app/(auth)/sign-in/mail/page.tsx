import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { Button } from "#components/ui/button.tsx"
import { AuthCard } from "../../auth-card.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.mailLinkPage")
  return { title: t("title") }
}

const names = ["callbackUrl", "token", "email"] as const

/** Where a sign-in mail leads. The link is spent by the button, so that a scanner which follows links does not spend it. */
export default async function MailLinkPage({ searchParams }: { readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>> }) {
  const t = await getTranslations("auth.mailLinkPage")
  const values = await searchParams
  return (
    <AuthCard title={t("title")} description={t("description", { email: String(values.email ?? "") })}>
      <form method="get" action="/api/auth/callback/email" className="grid">
        {names.map((name) => (
          <input key={name} type="hidden" name={name} value={String(values[name] ?? "")} />
        ))}
        <Button type="submit">{t("action")}</Button>
      </form>
    </AuthCard>
  )
}
