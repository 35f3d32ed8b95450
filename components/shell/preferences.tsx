"use client"

import { Languages, Monitor, Moon, Sun } from "lucide-react"
import { useLocale, useTranslations } from "next-intl"
import { useTheme } from "next-themes"
import { useRouter } from "next/navigation"
import { LOCALE_COOKIE, LOCALE_COOKIE_SECONDS, type Locale, localeNames, locales } from "#lib/kernel/locales.ts"
import { Button } from "#components/ui/button.tsx"
import { DropdownMenu, DropdownMenuContent, DropdownMenuGroup, DropdownMenuLabel, DropdownMenuRadioGroup, DropdownMenuRadioItem, DropdownMenuTrigger } from "#components/ui/dropdown-menu.tsx"

const themes = [
  { value: "light", icon: Sun },
  { value: "dark", icon: Moon },
  { value: "system", icon: Monitor },
] as const

/** The menu items that choose light or dark. */
export function ThemeItems() {
  const t = useTranslations("common.theme")
  const { theme, setTheme } = useTheme()
  return (
    <DropdownMenuGroup>
      <DropdownMenuLabel>{t("label")}</DropdownMenuLabel>
      <DropdownMenuRadioGroup value={theme} onValueChange={setTheme}>
        {themes.map(({ value, icon: Icon }) => (
          <DropdownMenuRadioItem key={value} value={value}>
            <Icon aria-hidden className="text-muted-foreground" />
            {t(value)}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
    </DropdownMenuGroup>
  )
}

/** The menu items that choose the language. Remembered in a cookie, so that the next page is rendered in it at once. */
export function LocaleItems() {
  const t = useTranslations("common")
  const current = useLocale()
  const router = useRouter()
  const choose = (locale: Locale) => {
    document.cookie = `${LOCALE_COOKIE}=${locale}; path=/; max-age=${LOCALE_COOKIE_SECONDS}; samesite=lax`
    router.refresh()
  }
  return (
    <DropdownMenuGroup>
      <DropdownMenuLabel>{t("language")}</DropdownMenuLabel>
      <DropdownMenuRadioGroup value={current} onValueChange={choose}>
        {locales.map((locale) => (
          <DropdownMenuRadioItem key={locale} value={locale} lang={locale}>
            {localeNames[locale]}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
    </DropdownMenuGroup>
  )
}

/** Language and theme for pages without a user menu. */
export function Preferences() {
  const t = useTranslations("common")
  return (
    <DropdownMenu>
      <DropdownMenuTrigger render={<Button variant="ghost" size="icon" aria-label={t("preferences")} />}>
        <Languages aria-hidden />
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <LocaleItems />
        <ThemeItems />
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
