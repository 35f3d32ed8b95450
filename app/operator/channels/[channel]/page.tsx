import type { Metadata } from "next"
import Link from "next/link"
import { notFound } from "next/navigation"
import { getLocale, getTranslations } from "next-intl/server"
import { cache } from "react"
import { PricePair } from "#app/operator/models/price.tsx"
import { modelHref } from "#app/operator/models/model-href.ts"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Page, Section } from "#components/page.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Card } from "#components/ui/card.tsx"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelDetail } from "#lib/features/channels/index.ts"
import type { TargetView } from "#lib/features/models/index.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { updateChannel } from "../actions.ts"
import { ChannelForm } from "../channel-form.tsx"
import { ChannelStateLabel } from "../channel-state.tsx"
import { presetsFor, providerName } from "../presets.ts"
import { CeilingSection } from "./ceiling-section.tsx"
import { ChannelActions } from "./channel-actions.tsx"
import { ConnectionPanel } from "./connection-panel.tsx"
import { CredentialPool } from "./credential-pool.tsx"
import { PlanSection } from "./plan-section.tsx"

type Params = { readonly params: Promise<{ readonly channel: string }> }

/** Decided once for the title and the page, before a byte is sent. */
const load = cache(async (id: string): Promise<ChannelDetail> => {
  const channel = await container().channels.get(await requireOperator(), id)
  return channel.ok ? channel.value : notFound()
})

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: (await load((await params).channel)).name }
}

export default async function ChannelPage({ params }: Params) {
  const operator = await requireOperator()
  const channel = await load((await params).channel)
  const t = await getTranslations("channels")
  const locale = await getLocale()
  const provider = findProvider(channel.providerId)
  const [models, ceiling, plan] = await Promise.all([container().models.list(operator), container().models.ceiling(operator, channel.id), container().channels.plan(operator, channel.id)])
  const rows = (models.ok ? models.value : []).flatMap((model) =>
    model.targets.filter((target) => target.channelId === channel.id).map((target) => ({ ...target, name: model.name })),
  )
  const editable = channel.managedBy === null
  return (
    <Page
      title={channel.name}
      description={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <span>{provider === null ? channel.providerId : providerName(provider, locale)}</span>
          <ChannelStateLabel state={channel.state} />
        </span>
      }
      crumbs={[{ label: t("title"), href: "/operator/channels" }]}
      actions={editable && <ChannelActions channelId={channel.id} name={channel.name} enabled={channel.enabled} />}
    >
      {channel.managedBy !== null && <Alert>{t("detail.managed", { file: channel.managedBy })}</Alert>}
      <Section title={t("detail.connection")} description={t("detail.connectionDescription")}>
        <ConnectionPanel channel={channel} />
      </Section>
      {plan.ok && plan.value !== null && (
        <Section title={t("plan.title")} description={t("plan.description")}>
          <PlanSection channelId={channel.id} plan={plan.value} editable={editable} />
        </Section>
      )}
      <Section title={t("detail.keys")} description={t("detail.keysDescription")}>
        <CredentialPool channelId={channel.id} credentials={channel.credentials} editable={editable} />
      </Section>
      <Section title={t("detail.models")} description={t("detail.modelsDescription")}>
        <DataTable<TargetView & { readonly name: string }>
          label={t("detail.models")}
          rows={rows}
          rowKey={(row) => row.name}
          empty={null}
          columns={[
            {
              id: "model",
              header: t("detail.model"),
              cell: (row) => (
                <Link href={modelHref(row.name)} className="focus-ring rounded-sm font-mono text-xs hover:underline">
                  {row.name}
                </Link>
              ),
            },
            { id: "upstream", header: t("detail.upstream"), wideOnly: true, cell: (row) => <span className="font-mono text-xs text-muted-foreground">{row.upstream}</span> },
            { id: "cost", header: t("detail.cost"), align: "right", cell: (row) => (row.cost === null ? <span className="text-destructive">{t("detail.noPrice")}</span> : <PricePair price={row.cost} />) },
          ]}
        />
      </Section>
      {ceiling.ok && <CeilingSection channelId={channel.id} ceiling={ceiling.value} editable={editable} />}
      {editable && (
        <Section title={t("detail.settings")}>
          <Card className="max-w-3xl">
            <ChannelForm action={updateChannel} presets={presetsFor(locale)} channel={channel} />
          </Card>
        </Section>
      )}
    </Page>
  )
}
