import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { cache } from "react"
import { OwnPrices } from "#app/operator/plans/own-prices.tsx"
import { Page, Section } from "#components/page.tsx"
import { Status } from "#components/ui/badge.tsx"
import type { OrganizationRow } from "#lib/features/organizations/index.ts"
import { container } from "#lib/server/container.ts"
import { requireOperator } from "#lib/server/session.ts"
import { walletForecast } from "#lib/server/wallet-forecast.ts"
import { FlaggedCalls } from "./flagged-calls.tsx"
import { MoneyActions } from "./money-actions.tsx"
import { PlanSection } from "./plan-section.tsx"
import { PostingsTable } from "./postings-table.tsx"
import { WalletSection } from "./wallet-section.tsx"

type Search = { readonly after?: string | string[]; readonly usage?: string | string[]; readonly calls?: string | string[] }
type Params = { readonly params: Promise<{ readonly organization: string }>; readonly searchParams: Promise<Search> }

/** Decided once for the title and the page, before a byte is sent. */
const load = cache(async (id: string): Promise<OrganizationRow> => {
  const organization = await container().organizations.get(await requireOperator(), id)
  return organization.ok ? organization.value : notFound()
})

export async function generateMetadata({ params }: Params): Promise<Metadata> {
  return { title: (await load((await params).organization)).name }
}

/** One tenant, as the operator sees it: its plan, its money, its prices. */
export default async function OrganizationPage({ params, searchParams }: Params) {
  const operator = await requireOperator()
  const { id, name, slug, kind, timeZone, disabledAt } = await load((await params).organization)
  const search = await searchParams
  const after = typeof search.after === "string" ? search.after : null
  const calls = typeof search.calls === "string" ? search.calls : null
  const usage = search.usage === "1"
  const { wallet, plans, models } = container()
  const [t, balance, postings, flagged, subscription, events, allPlans, prices, allModels] = await Promise.all([
    getTranslations("organizations"),
    wallet.balance(operator, id),
    wallet.postings(operator, id, { after, usage }),
    wallet.flaggedCalls(operator, id, calls),
    plans.subscription(operator, id),
    plans.events(operator, id),
    plans.list(operator),
    models.ownPrices(operator, { organizationId: id }),
    models.list(operator),
  ])
  if (!balance.ok || !postings.ok || !flagged.ok || !subscription.ok || !events.ok || !allPlans.ok || !allModels.ok) notFound()
  const forecast = await walletForecast(container(), operator, { organizationId: id, timeZone, balance: balance.value, plan: subscription.value })
  const href = `/operator/organizations/${id}`
  return (
    <Page
      title={name}
      description={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <span>{slug}</span>
          <span>{t(`kinds.${kind}`)}</span>
          <Status tone={disabledAt === null ? "success" : "neutral"}>{t(disabledAt === null ? "list.active" : "list.disabled")}</Status>
        </span>
      }
      crumbs={[{ label: t("title"), href: "/operator/organizations" }]}
      actions={<MoneyActions organizationId={id} name={name} hasWallet={balance.value !== null} />}
    >
      <PlanSection organizationId={id} name={name} subscription={subscription.value} events={events.value} plans={allPlans.value} timeZone={timeZone} />
      <Section title={t("money.wallet")} description={t("money.walletHint")}>
        <WalletSection wallet={balance.value} forecast={forecast} timeZone={timeZone} />
      </Section>
      {(flagged.value.calls.length > 0 || calls !== null) && (
        <Section title={t("money.flagged.title")} description={t("money.flagged.description")}>
          <FlaggedCalls page={flagged.value} isFirstPage={calls === null} href={href} organization={{ id, name, timeZone }} />
        </Section>
      )}
      <Section title={t("money.postings.title")} description={t("money.postings.description", { timeZone })}>
        <PostingsTable page={postings.value} href={href} usage={usage} after={after} timeZone={timeZone} />
      </Section>
      <OwnPrices buyer={{ organizationId: id }} prices={prices} models={allModels.value.map((model) => model.name)} editable />
    </Page>
  )
}
