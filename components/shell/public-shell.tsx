import { useTranslations } from "next-intl"
import Link from "next/link"
import type { ReactNode } from "react"
import { ButtonLink } from "#components/ui/button.tsx"
import { Logo } from "./logo.tsx"
import { Preferences } from "./preferences.tsx"
import { SkipLink } from "./skip-link.tsx"

/** The frame of pages for everybody. `links` are what this installation shows to strangers. */
export function PublicShell({ links, isSignedIn, children }: { readonly links: readonly { readonly href: string; readonly label: string }[]; readonly isSignedIn: boolean; readonly children: ReactNode }) {
  const t = useTranslations("landing")
  return (
    <div className="flex min-h-dvh flex-col bg-background">
      <SkipLink />
      <header className="sticky top-0 z-30 border-b border-border bg-background/85 backdrop-blur">
        <div className="mx-auto flex h-15 w-full max-w-6xl items-center gap-2 px-4 sm:gap-6 sm:px-8">
          <Link href="/" className="focus-ring flex rounded-lg">
            <Logo />
          </Link>
          <nav aria-label={t("nav")} className="flex flex-1 items-center gap-1">
            {links.map((link) => (
              <Link key={link.href} href={link.href} className="focus-ring rounded-lg px-2.5 py-1.5 text-sm text-muted-foreground hover:text-foreground">
                {link.label}
              </Link>
            ))}
          </nav>
          <Preferences />
          <ButtonLink href={isSignedIn ? "/enter" : "/sign-in"} size="sm" className="h-8 px-3 text-sm">
            {isSignedIn ? t("open") : t("signIn")}
          </ButtonLink>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex-1 outline-none">
        {children}
      </main>
      <footer className="border-t border-border">
        <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center justify-between gap-3 px-4 py-6 text-xs text-muted-foreground sm:px-8">
          <Logo className="text-sm text-foreground [&_svg]:size-5" />
          <p>{t("footer")}</p>
        </div>
      </footer>
    </div>
  )
}
