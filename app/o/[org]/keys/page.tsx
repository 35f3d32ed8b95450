import { KeyRound } from "lucide-react"
import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SEARCH_ROWS_MIN, SearchField } from "#components/data-table/search-field.tsx"
import { Page } from "#components/page.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { SegmentedLinks } from "#components/ui/segmented.tsx"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { listKeysInput, mayCreateKeys, mayCreateOrganizationKeys, maySeeAllKeys } from "#lib/features/keys/index.ts"
import { container } from "#lib/server/container.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { requireMember } from "#lib/server/session.ts"
import { CreateKeyDialog } from "./create-key-dialog.tsx"
import { KeysTable } from "./keys-table.tsx"

type Props = { readonly params: Promise<{ readonly org: string }>; readonly searchParams: Promise<Record<string, string | string[] | undefined>> }

const states = ["live", "ended"] as const

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("keys")
  return { title: t("title") }
}

/** The organization's keys, or one's own: made, changed, rotated and revoked here. */
export default async function KeysPage({ params, searchParams }: Props) {
  const member = await requireMember((await params).org)
  // A hand-written address with other words in it shows the first page of live keys.
  const query = listKeysInput.catch({ state: "live", q: "" }).parse(await searchParams)
  const { keys, env } = container()
  const [t, page, projects, models] = await Promise.all([getTranslations("keys"), keys.list(member, query), keys.projects(member), keys.models(member)])
  const slug = member.organizationSlug
  const href = (state: (typeof states)[number], after?: string, q = query.q) =>
    `/o/${slug}/keys?${new URLSearchParams({ ...(state === "ended" && { state }), ...(q !== "" && { q }), ...(after !== undefined && { after }) })}`.replace(/\?$/, "")
  const hasSearch = query.q !== "" || page.nextAfter !== null || query.after !== undefined || page.keys.length >= SEARCH_ROWS_MIN
  const choices = { projects, models }
  const facts = { origin: publicOrigin(env), liveModel: models[0] ?? null, testModel: SANDBOX_MODEL }
  const createDialog = mayCreateKeys(member) && <CreateKeyDialog organization={slug} choices={choices} facts={facts} mayShare={mayCreateOrganizationKeys(member)} />
  const showAll = maySeeAllKeys(member)
  return (
    <Page title={t("title")} description={showAll ? t("description", { organization: member.organizationName }) : t("descriptionOwn")} actions={createDialog}>
      <KeysTable
        organization={slug}
        timeZone={member.timeZone}
        keys={page.keys}
        showOwner={showAll}
        choices={choices}
        facts={facts}
        toolbar={
          <>
            <SegmentedLinks label={t("filter")} segments={states.map((state) => ({ label: t(`filters.${state}`), href: href(state), current: query.state === state }))} />
            {hasSearch && <SearchField action={`/o/${slug}/keys`} value={query.q} label={t("search")} keep={query.state === "ended" ? { state: query.state } : {}} />}
          </>
        }
        empty={query.q === "" ? <NoKeys state={query.state} mayCreate={mayCreateKeys(member)} /> : <NothingFound search={query.q} allHref={href(query.state, undefined, "")} />}
        firstHref={query.after === undefined ? null : href(query.state)}
        nextHref={page.nextAfter === null ? null : href(query.state, page.nextAfter)}
      />
    </Page>
  )
}

async function NoKeys({ state, mayCreate }: { readonly state: (typeof states)[number]; readonly mayCreate: boolean }) {
  const t = await getTranslations("keys.empty")
  if (state === "ended") return <EmptyState icon={KeyRound} title={t("endedTitle")} description={t("endedDescription")} className="py-12" />
  return <EmptyState icon={KeyRound} title={t("title")} description={t(mayCreate ? "description" : "mayNot")} className="py-12" />
}
