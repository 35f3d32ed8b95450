"use client"

import { ThemeProvider } from "next-themes"
import type { ReactNode } from "react"
import { Toaster } from "#components/ui/toaster.tsx"
import { TooltipProvider } from "#components/ui/tooltip.tsx"

/** What the whole tree needs: theme, tooltips' shared delay, toasts. */
export function Providers({ children }: { readonly children: ReactNode }) {
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      <TooltipProvider delay={300}>{children}</TooltipProvider>
      <Toaster />
    </ThemeProvider>
  )
}
