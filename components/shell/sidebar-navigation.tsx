"use client"

import { useTranslations } from "next-intl"
import Link from "next/link"
import { usePathname } from "next/navigation"
import { Avatar } from "#components/ui/avatar.tsx"
import { cn } from "#components/ui/cn.ts"
import { isCurrent, type NavigationGroup, navigationFor, operatorNavigation, organizationNavigation } from "./navigation.ts"
import { rootOf, type Scope, type ShellOrganization } from "./scope.ts"

function groupsOf(scope: Scope): NavigationGroup[] {
  switch (scope.kind) {
    case "organization":
      return navigationFor(organizationNavigation, scope.role)
    case "operator":
      return navigationFor(operatorNavigation)
    case "account":
      return []
  }
}

const linkClass = "focus-ring flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm text-muted-foreground transition-colors hover:bg-foreground/5 hover:text-foreground"

type SidebarNavigationProps = {
  readonly scope: Scope
  readonly organizations: readonly ShellOrganization[]
  /** Lets the small screen's sheet close. */
  readonly onNavigate?: () => void
}

/** The links of the scope, the current one marked. One's own account has no pages below it: there it leads back to the organizations. */
export function SidebarNavigation({ scope, organizations, onNavigate }: SidebarNavigationProps) {
  const t = useTranslations("navigation")
  const pathname = usePathname()
  const root = rootOf(scope)
  return (
    <nav aria-label={t("main")} className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {scope.kind === "account" && organizations.length > 0 && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
          <p className="px-2.5 pb-1 text-xs font-medium text-muted-foreground">{t("organizations")}</p>
          {organizations.map(({ slug, name }) => (
            <Link key={slug} href={`/o/${slug}`} onClick={onNavigate} className={linkClass}>
              <Avatar name={name} square className="-ml-0.5 size-5 rounded-md text-[0.5625rem]" />
              <span className="truncate">{name}</span>
            </Link>
          ))}
        </div>
      )}
      {groupsOf(scope).map((group) => (
        <div key={group.label ?? "top"} className="grid gap-0.5">
          {group.label !== null && <p className="px-2.5 pb-1 text-xs font-medium text-muted-foreground">{t(`groups.${group.label}`)}</p>}
          {group.items.map((item) => {
            const current = isCurrent(pathname, root, item.path)
            return (
              <Link
                key={item.path}
                href={root + item.path}
                aria-current={current ? "page" : undefined}
                onClick={onNavigate}
                className={cn(
                  linkClass,
                  current && "bg-background font-medium text-foreground shadow-xs ring-1 ring-border hover:bg-background dark:bg-accent",
                )}
              >
                <item.icon aria-hidden className={cn("size-4", current && "text-primary")} />
                {t(item.label)}
              </Link>
            )
          })}
        </div>
      ))}
    </nav>
  )
}
