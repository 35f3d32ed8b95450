import { useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { Logo } from "./logo.tsx"
import { MobileNavigation } from "./mobile-navigation.tsx"
import { OrganizationSwitcher } from "./organization-switcher.tsx"
import type { ShellProps } from "./scope.ts"
import { SidebarNavigation } from "./sidebar-navigation.tsx"
import { SkipLink } from "./skip-link.tsx"
import { UserMenu } from "./user-menu.tsx"

/** The frame of every signed-in page: sidebar (a sheet on small screens), switcher, user menu, and the page on its own sheet of paper. */
export function AppShell({ scope, person, organizations, signOut, children }: ShellProps & { readonly children: ReactNode }) {
  const t = useTranslations("navigation")
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15.5rem_minmax(0,1fr)]">
      <SkipLink />
      <aside aria-label={t("sidebar")} className="sticky top-0 hidden h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_minmax(0,1fr)_auto] gap-4 p-3 lg:grid">
        <Logo className="h-8 px-2 pt-1" />
        <OrganizationSwitcher scope={scope} organizations={organizations} person={person} />
        <div className="-mx-1 overflow-y-auto px-1 py-0.5">
          <SidebarNavigation scope={scope} organizations={organizations} />
        </div>
        <UserMenu person={person} signOut={signOut} />
      </aside>
      <div className="flex min-h-dvh flex-col lg:py-2 lg:pr-2">
        <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b border-border bg-canvas/90 px-2 backdrop-blur lg:hidden">
          <MobileNavigation scope={scope} organizations={organizations} person={person} />
          <span className="min-w-0 flex-1 truncate font-medium">{scope.kind === "organization" ? scope.name : scope.kind === "operator" ? t("operator") : t("account")}</span>
          <UserMenu person={person} signOut={signOut} compact />
        </header>
        <main id="main" tabIndex={-1} className="flex-1 bg-background outline-none lg:rounded-xl lg:border lg:border-border lg:shadow-xs">
          {children}
        </main>
      </div>
    </div>
  )
}
