import type { Metadata } from "next"
import Link from "next/link"
import { getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { Alert } from "#components/ui/alert.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import type { InvitationPreview } from "#lib/features/members/index.ts"
import { PASSWORD_CHARACTERS_MIN } from "#lib/features/people/index.ts"
import { providerButtons } from "#lib/server/auth-providers.ts"
import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"
import { AccountForm } from "../../account-form.tsx"
import { register } from "../../actions.ts"
import { AuthCard, textLinkClass } from "../../auth-card.tsx"
import { ENTRANCE } from "../../destination.ts"
import { OrLine } from "../../or-line.tsx"
import { ProviderButtons } from "../../provider-buttons.tsx"
import { JoinForm } from "./join-form.tsx"
import { SwitchAccount } from "./switch-account.tsx"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.invitation")
  // A page whose address is a secret tells it to nobody.
  return { title: t("title"), referrer: "no-referrer" }
}

export default async function InvitationPage({ params }: { readonly params: Promise<{ readonly token: string }> }) {
  const { token } = await params
  const t = await getTranslations("auth.invitation")
  const invitation = await container().members.openInvitation(token)
  if (invitation === null) {
    return (
      <AuthCard title={t("spentTitle")} description={t("spentDescription")}>
        <ButtonLink href={ENTRANCE}>{t("goOn")}</ButtonLink>
      </AuthCard>
    )
  }
  const person = await currentPerson()
  if (person === null) return <Newcomer invitation={invitation} token={token} />
  if (person.email !== invitation.email) {
    return (
      <Invited invitation={invitation}>
        <Alert tone="warning">{t("otherEmail", { invited: invitation.email, current: person.email })}</Alert>
        <SwitchAccount token={token} />
      </Invited>
    )
  }
  return (
    <Invited invitation={invitation}>
      <JoinForm token={token} label={t("join", { organization: invitation.organizationName })} />
    </Invited>
  )
}

async function Invited({ invitation, children, foot }: { readonly invitation: InvitationPreview; readonly children: ReactNode; readonly foot?: ReactNode }) {
  const [t, roles] = [await getTranslations("auth.invitation"), await getTranslations("members.roles")]
  return (
    <AuthCard title={t("heading", { organization: invitation.organizationName })} description={t("description", { role: roles(invitation.role) })} foot={foot}>
      {children}
    </AuthCard>
  )
}

/** For whoever is not signed in: most have no account yet. */
async function Newcomer({ invitation, token }: { readonly invitation: InvitationPreview; readonly token: string }) {
  const [t, auth] = [await getTranslations("auth.invitation"), await getTranslations("auth")]
  const { env, people } = container()
  const returnTo = `/invitation/${token}`
  const signInHref = `/sign-in?returnTo=${encodeURIComponent(returnTo)}`
  const providers = providerButtons(env)
  if (!people.signUpAllowed(true)) {
    return (
      <Invited invitation={invitation}>
        <ButtonLink href={signInHref}>{auth("signIn")}</ButtonLink>
      </Invited>
    )
  }
  return (
    <Invited
      invitation={invitation}
      foot={auth.rich("signUp.haveAccount", {
        link: (words) => (
          <Link href={signInHref} className={textLinkClass}>
            {words}
          </Link>
        ),
      })}
    >
      {providers.length > 0 && (
        <>
          <ProviderButtons providers={providers} returnTo={returnTo} />
          <OrLine />
        </>
      )}
      <AccountForm action={register} submitLabel={t("join", { organization: invitation.organizationName })} fixedEmail={invitation.email} passwordCharactersMin={PASSWORD_CHARACTERS_MIN} hidden={{ invitation: token }} />
    </Invited>
  )
}
