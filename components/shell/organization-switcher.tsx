"use client"

import { ChevronsUpDown, ShieldCheck } from "lucide-react"
import { useTranslations } from "next-intl"
import { Avatar } from "#components/ui/avatar.tsx"
import { cn } from "#components/ui/cn.ts"
import { DropdownMenu, DropdownMenuContent, DropdownMenuGroup, DropdownMenuLabel, DropdownMenuLink, DropdownMenuSeparator, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import type { ShellProps } from "./scope.ts"

/** Says where one is, and goes to another organization or, for the operator, to the console. */
export function OrganizationSwitcher({ scope, organizations, person, className }: Omit<ShellProps, "signOut"> & { readonly className?: string }) {
  const t = useTranslations("navigation")
  const name = scope.kind === "organization" ? scope.name : scope.kind === "operator" ? t("operator") : t("account")
  return (
    <DropdownMenu>
      <DropdownMenuTrigger aria-label={t("switch", { name })} className={cn("focus-ring flex h-10 w-full items-center gap-2.5 rounded-lg px-2 text-left transition-colors hover:bg-foreground/5 data-popup-open:bg-foreground/5", className)}>
        {scope.kind === "operator" ? <ConsoleSign /> : <Avatar name={scope.kind === "organization" ? name : (person.name ?? person.email)} square={scope.kind === "organization"} />}
        <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
        <ChevronsUpDown aria-hidden className="size-4 text-muted-foreground" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" className="w-64">
        {organizations.length > 0 && (
          <DropdownMenuGroup>
            <DropdownMenuLabel>{t("organizations")}</DropdownMenuLabel>
            {organizations.map((organization) => (
              <DropdownMenuLink key={organization.slug} href={`/o/${organization.slug}`} className={cn(scope.kind === "organization" && scope.slug === organization.slug && "font-medium")}>
                <Avatar name={organization.name} square className="size-6" />
                <span className="truncate">{organization.name}</span>
              </DropdownMenuLink>
            ))}
          </DropdownMenuGroup>
        )}
        {person.isOperator && (
          <>
            {organizations.length > 0 && <DropdownMenuSeparator />}
            <DropdownMenuLink href="/operator">
              <ConsoleSign className="size-6" />
              {t("operator")}
            </DropdownMenuLink>
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

function ConsoleSign({ className }: { readonly className?: string }) {
  return (
    <span aria-hidden className={cn("grid size-7 shrink-0 place-items-center rounded-lg bg-foreground text-background", className)}>
      <ShieldCheck className="size-4" />
    </span>
  )
}
