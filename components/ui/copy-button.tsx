"use client"

import { Check, Copy } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { toast } from "sonner"
import { Button } from "./button.tsx"

const COPIED_MS = 1_600

/** Puts `value` on the clipboard and says so, in sight and to screen readers. With `label` it is a button with words. */
export function CopyButton({ value, label, className, variant = "ghost" }: { readonly value: string; readonly label?: string; readonly className?: string; readonly variant?: "ghost" | "outline" | "primary" }) {
  const t = useTranslations("common.copy")
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
    } catch {
      // Browsers refuse the clipboard on plain http:// other than localhost.
      toast.error(t("refused"))
      return
    }
    setCopied(true)
    setTimeout(() => setCopied(false), COPIED_MS)
  }
  const words = copied ? t("done") : (label ?? t("action"))
  return (
    <Button variant={variant} size={label === undefined ? "icon-sm" : "md"} className={className} aria-label={words} onClick={copy}>
      {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
      {label !== undefined && words}
      <span aria-live="polite" className="sr-only">
        {copied ? t("done") : ""}
      </span>
    </Button>
  )
}
