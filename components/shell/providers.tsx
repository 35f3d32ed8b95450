"use client"

import { ThemeProvider } from "next-themes"
import type { ReactNode } from "react"
import { Toaster } from "#components/ui/toaster.tsx"
import { TooltipProvider } from "#components/ui/tooltip.tsx"

/** What the whole tree needs: theme, tooltips' shared delay, toasts. `nonce`: for the script that sets the theme before the first paint. */
export function Providers({ nonce, children }: { readonly nonce: string | undefined; readonly children: ReactNode }) {
  return (
    <ThemeProvider {...(nonce !== undefined && { nonce })} attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <TooltipProvider delay={300}>{children}</TooltipProvider>
      <Toaster />
    </ThemeProvider>
  )
}
