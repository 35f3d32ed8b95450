"use client"

import { Menu } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { Button } from "#components/ui/button.tsx"
import { Sheet, SheetContent, SheetTrigger } from "#components/ui/sheet.tsx"
import { OrganizationSwitcher } from "./organization-switcher.tsx"
import type { ShellProps } from "./scope.ts"
import { SidebarNavigation } from "./sidebar-navigation.tsx"

/** The sidebar of small screens: a sheet behind a button. */
export function MobileNavigation({ scope, organizations, person }: Omit<ShellProps, "signOut">) {
  const t = useTranslations("navigation")
  const [open, setOpen] = useState(false)
  return (
    <Sheet open={open} onOpenChange={setOpen}>
      <SheetTrigger render={<Button variant="ghost" size="icon" aria-label={t("open")} />}>
        <Menu aria-hidden className="size-5" />
      </SheetTrigger>
      <SheetContent side="left" title={t("main")} hiddenTitle className="w-72 bg-canvas">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 p-3 pt-3.5">
          <OrganizationSwitcher scope={scope} organizations={organizations} person={person} className="w-[calc(100%-2.5rem)]" />
          <SidebarNavigation scope={scope} organizations={organizations} onNavigate={() => setOpen(false)} />
        </div>
      </SheetContent>
    </Sheet>
  )
}
