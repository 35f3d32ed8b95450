"use client"

import { useSyncExternalStore } from "react"
import type { Locale } from "#lib/kernel/locales.ts"

/**
 * The root layout itself failed: no messages, no theme, no styles are there, so this page brings its own. It is static, so that its
 * scripts have no nonce and may not run under the pages' policy: trying again is a form.
 */
const texts = {
  en: { title: "Something went wrong on our side.", retry: "Try again" },
  "zh-CN": { title: "服务出了点问题。", retry: "重试" },
} as const satisfies Record<Locale, { title: string; retry: string }>

const subscribeToNothing = () => () => {}
const readerLocale = (): Locale => (navigator.language.startsWith("zh") ? "zh-CN" : "en")

export default function GlobalError() {
  const locale = useSyncExternalStore(subscribeToNothing, readerLocale, () => "en" as const)
  const { title, retry } = texts[locale]
  return (
    <html lang={locale}>
      <body style={{ display: "grid", placeItems: "center", minHeight: "100dvh", margin: 0, font: "16px/1.5 system-ui, sans-serif", colorScheme: "light dark" }}>
        <main style={{ display: "grid", gap: 16, justifyItems: "center" }}>
          <h1 style={{ fontSize: 20, margin: 0 }}>{title}</h1>
          <form>
            <button type="submit" style={{ font: "inherit", padding: "6px 14px" }}>
              {retry}
            </button>
          </form>
        </main>
      </body>
    </html>
  )
}
