import type { Metadata } from "next"
import { getLocale, getTranslations } from "next-intl/server"
import { Page, Section } from "#components/page.tsx"
import { PASSWORD_CHARACTERS_MIN } from "#lib/features/people/index.ts"
import { providerButtons } from "#lib/server/auth-providers.ts"
import { container } from "#lib/server/container.ts"
import { requirePerson } from "#lib/server/session.ts"
import { LinkedAccounts } from "./linked-accounts.tsx"
import { LocaleForm } from "./locale-form.tsx"
import { OrganizationList } from "./organization-list.tsx"
import { PasswordForm } from "./password-form.tsx"
import { ProfileForm } from "./profile-form.tsx"
import { RevokeOthers } from "./revoke-others.tsx"
import { SessionList } from "./session-list.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account")
  return { title: t("title") }
}

/** What is a person's own: name, language, ways to sign in, browsers signed in, organizations. */
export default async function AccountPage() {
  const person = await requirePerson()
  const { env, people, sessions, organizations } = container()
  const [t, locale, profile, browsers, memberships] = await Promise.all([getTranslations("account"), getLocale(), people.profile(person), sessions.list(person), organizations.listMine(person)])
  const providers = providerButtons(env)
  return (
    <Page title={t("title")} description={t("description")} width="narrow">
      <Section title={t("profile.title")}>
        <ProfileForm name={profile.name ?? ""} email={profile.email} />
      </Section>
      <Section title={t("language.title")}>
        <LocaleForm locale={locale} />
      </Section>
      <Section title={t("password.title")} description={profile.hasPassword ? t("password.change") : t("password.set")}>
        <PasswordForm email={profile.email} hasPassword={profile.hasPassword} charactersMin={PASSWORD_CHARACTERS_MIN} />
      </Section>
      {providers.length > 0 && (
        <Section title={t("linked.title")} description={t("linked.description")}>
          <LinkedAccounts providers={providers} linked={profile.linked} />
        </Section>
      )}
      <Section title={t("sessions.title")} description={t("sessions.description")} actions={browsers.length > 1 && <RevokeOthers />}>
        <SessionList sessions={browsers} />
      </Section>
      <Section title={t("organizations.title")}>
        <OrganizationList organizations={memberships} mayCreate={organizations.mayCreate(person)} />
      </Section>
    </Page>
  )
}
