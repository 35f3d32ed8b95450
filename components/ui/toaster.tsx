"use client"

import { useTheme } from "next-themes"
import { Toaster as Sonner, type ToasterProps } from "sonner"

/** Stands once in the root layout; `toast.success(…)` from `sonner` shows a message in it. */
export function Toaster() {
  const { resolvedTheme } = useTheme()
  return (
    <Sonner
      theme={resolvedTheme as ToasterProps["theme"]}
      position="bottom-right"
      toastOptions={{ className: "!rounded-xl !border-border !bg-popover !text-popover-foreground !shadow-lg !font-sans" }}
    />
  )
}
