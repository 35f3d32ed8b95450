"use client"

import { useTranslations } from "next-intl"
import { useTransition } from "react"
import { type Locale, localeNames, locales } from "#lib/kernel/locales.ts"
import { Card, CardContent } from "#components/ui/card.tsx"
import { Select } from "#components/ui/select.tsx"
import { updateLocale } from "./actions.ts"

const options = locales.map((locale) => ({ value: locale, label: localeNames[locale] }))

/** Works at once: a language that one cannot read is no place to look for a save button. */
export function LocaleForm({ locale }: { readonly locale: Locale }) {
  const t = useTranslations("account.language")
  const [pending, startTransition] = useTransition()
  const choose = (chosen: string) =>
    startTransition(async () => {
      const data = new FormData()
      data.set("locale", chosen)
      await updateLocale(null, data)
    })
  return (
    <Card>
      <CardContent className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-muted-foreground">{t("description")}</p>
        <Select aria-label={t("title")} options={options} value={locale} onValueChange={choose} disabled={pending} className="w-44" />
      </CardContent>
    </Card>
  )
}
