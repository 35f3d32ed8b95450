"use client"

import { Building2, Plus } from "lucide-react"
import Link from "next/link"
import { useTranslations } from "next-intl"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Avatar } from "#components/ui/avatar.tsx"
import { Button, ButtonLink } from "#components/ui/button.tsx"
import { Card, CardFooter } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { leaveOrganization } from "./actions.ts"

type OrganizationListProps = { readonly organizations: readonly { readonly slug: string; readonly name: string }[]; readonly mayCreate: boolean }

/** Where the person belongs, each with the way out. */
export function OrganizationList({ organizations, mayCreate }: OrganizationListProps) {
  const t = useTranslations("account.organizations")
  const create = mayCreate && (
    <ButtonLink variant="outline" href="/new-organization">
      <Plus aria-hidden />
      {t("create")}
    </ButtonLink>
  )
  if (organizations.length === 0) {
    return (
      <Card>
        <EmptyState icon={Building2} title={t("emptyTitle")} description={t("emptyDescription")} actions={create} />
      </Card>
    )
  }
  return (
    <Card>
      <ul className="divide-y divide-border">
        {organizations.map(({ slug, name }) => (
          <li key={slug} className="flex items-center gap-3 px-5 py-3.5">
            <Avatar name={name} square />
            <Link href={`/o/${slug}`} className="focus-ring min-w-0 flex-1 truncate rounded-sm text-sm font-medium hover:underline">
              {name}
            </Link>
            <ConfirmAction
              action={leaveOrganization.bind(null, slug)}
              fields={{}}
              title={t("leaveTitle", { name })}
              description={t("leaveDescription")}
              confirmLabel={t("leave")}
              doneMessage={t("left", { name })}
              trigger={
                <Button variant="outline" size="sm" aria-label={t("leaveNamed", { name })}>
                  {t("leave")}
                </Button>
              }
            />
          </li>
        ))}
      </ul>
      {mayCreate && <CardFooter>{create}</CardFooter>}
    </Card>
  )
}
