import "./globals.css"
import { GeistMono } from "geist/font/mono"
import { GeistSans } from "geist/font/sans"
import type { Metadata, Viewport } from "next"
import { headers } from "next/headers"
import { NextIntlClientProvider } from "next-intl"
import { getLocale, getTranslations } from "next-intl/server"
import type { ReactNode } from "react"
import { PRODUCT_NAME } from "#components/shell/logo.tsx"
import { Providers } from "#components/shell/providers.tsx"
import { pageNonce } from "#lib/server/page-policy.ts"

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common")
  return { title: { default: PRODUCT_NAME, template: `%s · ${PRODUCT_NAME}` }, description: t("description") }
}

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f4f7f5" },
    { media: "(prefers-color-scheme: dark)", color: "#0c1110" },
  ],
}

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    // next-themes sets the class before the first paint, so the server's markup differs there by design.
    <html lang={await getLocale()} className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <body>
        <NextIntlClientProvider>
          <Providers nonce={pageNonce(await headers())}>
            <div className="root">{children}</div>
          </Providers>
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
