"use client"

import { Check, Copy } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { toast } from "sonner"
import { Button } from "./button.tsx"

const COPIED_MS = 1_600

type CopyButtonProps = {
  readonly value: string
  /** The words on the button; without them it is a sign alone. */
  readonly label?: string
  /** What is copied, for those who hear the sign: “Copy the request id”. */
  readonly name?: string
  readonly className?: string
  readonly variant?: "ghost" | "outline" | "primary"
}

/** Puts `value` on the clipboard and says so, in sight and to screen readers. */
export function CopyButton({ value, label, name, className, variant = "ghost" }: CopyButtonProps) {
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
  const words = copied ? t("done") : (label ?? name ?? t("action"))
  return (
    <Button variant={variant} size={label === undefined ? "icon-sm" : "md"} className={className} aria-label={words} title={label === undefined ? name : undefined} onClick={copy}>
      {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
      {label !== undefined && words}
      <span aria-live="polite" className="sr-only">
        {copied ? t("done") : ""}
      </span>
    </Button>
  )
}
