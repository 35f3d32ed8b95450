import { cookies, headers } from "next/headers"
import { getRequestConfig } from "next-intl/server"
import { chooseLocale, LOCALE_COOKIE, type Locale } from "#lib/kernel/locales.ts"
import en from "#messages/en.json" with { type: "json" }
import zhCN from "#messages/zh-CN.json" with { type: "json" }

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale
    Messages: typeof en
  }
}

export const messages = { en, "zh-CN": zhCN } as const satisfies Record<Locale, typeof en>

/** next-intl's configuration of one request. The language is in a cookie, not in the path; times are UTC unless a page names a zone. */
export default getRequestConfig(async ({ locale: asked }) => {
  const locale = asked ?? chooseLocale((await cookies()).get(LOCALE_COOKIE)?.value, (await headers()).get("accept-language"))
  return { locale, messages: messages[locale], timeZone: "UTC" }
})
