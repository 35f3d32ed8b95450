import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { Page } from "#components/page.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { mayCreateKeys } from "#lib/features/keys/index.ts"
import { container } from "#lib/server/container.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { requireMember } from "#lib/server/session.ts"
import { ConnectPanel } from "./connect-panel.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("connect")
  return { title: t("title") }
}

/** How each client is pointed here, for a model that the organization's keys can call. */
export default async function ConnectPage({ params }: { readonly params: Promise<{ org: string }> }) {
  const member = await requireMember((await params).org)
  const { keys, env } = container()
  const [t, models] = await Promise.all([getTranslations("connect"), keys.models(member)])
  return (
    <Page title={t("title")} description={t("description")} actions={mayCreateKeys(member) && <ButtonLink href={`/o/${member.organizationSlug}/keys`}>{t("createKey")}</ButtonLink>}>
      <ConnectPanel origin={publicOrigin(env)} models={models} testModel={SANDBOX_MODEL} />
    </Page>
  )
}
