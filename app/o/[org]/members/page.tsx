import { UserPlus } from "lucide-react"
import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SEARCH_ROWS_MIN, SearchField } from "#components/data-table/search-field.tsx"
import { Page, Section } from "#components/page.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { mayManageMembers, mayReadMembers, rolesToGive } from "#lib/features/members/index.ts"
import { isFound, searchOf } from "#lib/kernel/search.ts"
import { container } from "#lib/server/container.ts"
import { requireMember } from "#lib/server/session.ts"
import { InvitationsTable } from "./invitations-table.tsx"
import { InviteDialog } from "./invite-dialog.tsx"
import { MembersTable } from "./members-table.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("members")
  return { title: t("title") }
}

type Props = { readonly params: Promise<{ readonly org: string }>; readonly searchParams: Promise<{ readonly q?: string | string[] }> }

export default async function MembersPage({ params, searchParams }: Props) {
  const member = await requireMember((await params).org, mayReadMembers)
  const { members } = container()
  const t = await getTranslations("members")
  const list = await members.list(member)
  if (!list.ok) notFound()
  const manages = mayManageMembers(member)
  const invitations = manages ? await members.listInvitations(member) : null
  const roles = rolesToGive(member)
  const search = searchOf((await searchParams).q)
  const path = `/o/${member.organizationSlug}/members`
  const inviteDialog = manages && <InviteDialog organization={member.organizationSlug} roles={roles} />
  return (
    <Page title={t("title")} description={t("description", { organization: member.organizationName })} actions={inviteDialog}>
      <MembersTable
        organization={member.organizationSlug}
        timeZone={member.timeZone}
        members={list.value.filter(({ name, email }) => isFound(search, [name, email]))}
        roles={roles}
        toolbar={(search !== "" || list.value.length >= SEARCH_ROWS_MIN) && <SearchField action={path} value={search} label={t("search")} />}
        empty={<NothingFound search={search} allHref={path} />}
      />
      {invitations?.ok === true && (
        <Section title={t("invitations.title")} description={t("invitations.description")}>
          <InvitationsTable
            organization={member.organizationSlug}
            timeZone={member.timeZone}
            invitations={invitations.value}
            empty={<EmptyState icon={UserPlus} title={t("invitations.emptyTitle")} description={t("invitations.emptyDescription")} className="py-10" />}
          />
        </Section>
      )}
    </Page>
  )
}
