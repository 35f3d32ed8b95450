import Link from "next/link"
import type { ReactNode } from "react"
import { Logo } from "./logo.tsx"
import { Preferences } from "./preferences.tsx"

/** The frame of pages that ask one thing: sign-in, invitation, set-up, an error. */
export function CenteredShell({ children }: { readonly children: ReactNode }) {
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr]">
      <header className="flex items-center justify-between px-4 py-3 sm:px-6">
        <Link href="/" className="focus-ring flex rounded-lg">
          <Logo />
        </Link>
        <Preferences />
      </header>
      <main id="main" className="grid content-center justify-items-center px-4 pt-4 pb-24">
        {children}
      </main>
    </div>
  )
}
