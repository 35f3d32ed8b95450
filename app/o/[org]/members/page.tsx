import { UserPlus } from "lucide-react"
import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { Page, Section } from "#components/page.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { mayManageMembers, mayReadMembers, rolesToGive } from "#lib/features/members/index.ts"
import { container } from "#lib/server/container.ts"
import { requireMember } from "#lib/server/session.ts"
import { InvitationsTable } from "./invitations-table.tsx"
import { InviteDialog } from "./invite-dialog.tsx"
import { MembersTable } from "./members-table.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("members")
  return { title: t("title") }
}

export default async function MembersPage({ params }: { readonly params: Promise<{ readonly org: string }> }) {
  const member = await requireMember((await params).org, mayReadMembers)
  const { members } = container()
  const t = await getTranslations("members")
  const list = await members.list(member)
  if (!list.ok) notFound()
  const manages = mayManageMembers(member)
  const invitations = manages ? await members.listInvitations(member) : null
  const roles = rolesToGive(member)
  const inviteDialog = manages && <InviteDialog organization={member.organizationSlug} roles={roles} />
  return (
    <Page title={t("title")} description={t("description", { organization: member.organizationName })} actions={inviteDialog}>
      <MembersTable organization={member.organizationSlug} timeZone={member.timeZone} members={list.value} roles={roles} />
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
