import { FolderKanban } from "lucide-react"
import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { getTranslations } from "next-intl/server"
import { Page, Section } from "#components/page.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { mayManageOrganization } from "#lib/features/organizations/index.ts"
import { container } from "#lib/server/container.ts"
import { requireMember } from "#lib/server/session.ts"
import { timeZones } from "#lib/server/time-zones.ts"
import { OrganizationForm } from "./organization-form.tsx"
import { ProjectDialog } from "./project-dialog.tsx"
import { ProjectsTable } from "./projects-table.tsx"
import { RemoveWebhook, WebhookForm } from "./webhook-form.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("organization.settings")
  return { title: t("title") }
}

/** Name and time zone of the organization, and its projects. */
export default async function SettingsPage({ params }: { readonly params: Promise<{ readonly org: string }> }) {
  const member = await requireMember((await params).org, mayManageOrganization)
  const { organizations, projects, alerts, mailer } = container()
  const t = await getTranslations("organization.settings")
  const [settings, list, webhook] = await Promise.all([organizations.settings(member), projects.list(member), alerts.webhook(member)])
  if (!settings.ok || !list.ok || !webhook.ok) notFound()
  const organization = member.organizationSlug
  return (
    <Page title={t("title")} description={t("description", { organization: member.organizationName })} width="narrow">
      <Section title={t("general")}>
        <OrganizationForm settings={settings.value} timeZones={timeZones()} />
      </Section>
      <Section title={t("projects.title")} description={t("projects.description")} actions={<ProjectDialog organization={organization} />}>
        <ProjectsTable organization={organization} projects={list.value} empty={<EmptyState icon={FolderKanban} title={t("projects.emptyTitle")} description={t("projects.emptyDescription")} className="py-10" />} />
      </Section>
      <Section title={t("webhook.title")} description={t("webhook.description")} actions={webhook.value !== null && <RemoveWebhook organization={organization} />}>
        <WebhookForm organization={organization} webhook={webhook.value} mails={mailer !== null} />
      </Section>
    </Page>
  )
}
