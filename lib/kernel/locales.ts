/** The languages of the portal, mails and messages. The first one is the default. */
export const locales = ["en", "zh-CN"] as const
export type Locale = (typeof locales)[number]

/** How each language names itself. */
export const localeNames = { en: "English", "zh-CN": "简体中文" } as const satisfies Record<Locale, string>

/** The cookie that remembers a reader's choice. Not HttpOnly: the language switch writes it in the browser. */
export const LOCALE_COOKIE = "locale"
export const LOCALE_COOKIE_SECONDS = 365 * 24 * 3600

/** Enough for any browser's list; a hostile header is not parsed beyond it. */
const ACCEPT_LANGUAGE_ENTRIES_MAX = 20

const isLocale = (value: string): value is Locale => (locales as readonly string[]).includes(value)

/** The locale for a language tag (`zh`, `zh-Hans-SG`, `en-GB`), or undefined where we do not speak it. */
function localeOf(tag: string): Locale | undefined {
  const language = tag.toLowerCase().split("-")[0]
  return locales.find((locale) => locale.toLowerCase().split("-")[0] === language)
}

/**
 * Chooses the language of a page: the reader's own choice (the cookie), else the best one of `Accept-Language` by its weights
 * (RFC 9110, 12.5.4), else English.
 */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (cookie !== undefined && isLocale(cookie)) return cookie
  const wanted = (acceptLanguage ?? "")
    .split(",", ACCEPT_LANGUAGE_ENTRIES_MAX)
    .map((entry, index) => {
      const [tag = "", ...parameters] = entry.trim().split(";")
      const weight = Number(parameters.find((parameter) => parameter.trim().startsWith("q="))?.trim().slice(2) ?? 1)
      return { locale: localeOf(tag), weight: Number.isFinite(weight) ? weight : 0, index }
    })
    .filter((entry) => entry.weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
  return wanted.find((entry) => entry.locale !== undefined)?.locale ?? locales[0]
}
