import type { Metadata } from "next"
import { getLocale, getTranslations } from "next-intl/server"
import { Page } from "#components/page.tsx"
import { Card } from "#components/ui/card.tsx"
import { requireOperator } from "#lib/server/session.ts"
import { createChannel } from "../actions.ts"
import { ChannelForm } from "../channel-form.tsx"
import { presetsFor } from "../presets.ts"

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("channels"))("new") }
}

export default async function NewChannelPage() {
  await requireOperator()
  const t = await getTranslations("channels")
  return (
    <Page title={t("new")} description={t("newDescription")} width="narrow" crumbs={[{ label: t("title"), href: "/operator/channels" }]}>
      <Card>
        <ChannelForm action={createChannel} presets={presetsFor(await getLocale())} channel={null} />
      </Card>
    </Page>
  )
}
