"use client"

import { useTranslations } from "next-intl"
import Link from "next/link"
import { usePathname } from "next/navigation"
import { cn } from "#components/ui/cn.ts"
import { isCurrent, type NavigationGroup, navigationFor, operatorNavigation, organizationNavigation } from "./navigation.ts"
import { rootOf, type Scope } from "./scope.ts"

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

/** The links of the scope, the current one marked. `onNavigate` lets the small screen's sheet close. */
export function SidebarNavigation({ scope, onNavigate }: { readonly scope: Scope; readonly onNavigate?: () => void }) {
  const t = useTranslations("navigation")
  const pathname = usePathname()
  const root = rootOf(scope)
  return (
    <nav aria-label={t("main")} className="grid gap-5">
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
                  "focus-ring flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm text-muted-foreground transition-colors hover:bg-foreground/5 hover:text-foreground",
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
