"use client"

import { LogOut, UserRound } from "lucide-react"
import { useTranslations } from "next-intl"
import { startTransition } from "react"
import { Avatar } from "#components/ui/avatar.tsx"
import { cn } from "#components/ui/cn.ts"
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuLink, DropdownMenuSeparator, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"
import { LocaleItems, ThemeItems } from "./preferences.tsx"
import type { ShellPerson } from "./scope.ts"

/** The person's own menu: account, language, theme, sign out. `compact` shows the sign alone. */
export function UserMenu({ person, signOut, compact = false }: { readonly person: ShellPerson; readonly signOut: () => Promise<void>; readonly compact?: boolean }) {
  const t = useTranslations("navigation")
  const name = person.name ?? person.email
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={t("userMenu", { name })}
        className={cn("focus-ring flex items-center gap-2.5 rounded-lg text-left transition-colors hover:bg-foreground/5 data-popup-open:bg-foreground/5", compact ? "p-1.5" : "h-12 w-full px-2")}
      >
        <Avatar name={name} />
        {!compact && (
          <span className="grid min-w-0 flex-1">
            <span className="truncate text-sm leading-5 font-medium">{name}</span>
            {person.name !== null && <span className="truncate text-xs text-muted-foreground">{person.email}</span>}
          </span>
        )}
      </DropdownMenuTrigger>
      <DropdownMenuContent align={compact ? "end" : "start"} side={compact ? "bottom" : "top"} className="w-60">
        <DropdownMenuLink href="/account">
          <UserRound aria-hidden className="text-muted-foreground" />
          {t("account")}
        </DropdownMenuLink>
        <DropdownMenuSeparator />
        <LocaleItems />
        <DropdownMenuSeparator />
        <ThemeItems />
        <DropdownMenuSeparator />
        <DropdownMenuItem onClick={() => startTransition(signOut)}>
          <LogOut aria-hidden className="text-muted-foreground" />
          {t("signOut")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
