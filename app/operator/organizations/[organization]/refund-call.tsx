"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { Button } from "#components/ui/button.tsx"
import { RefundDialog } from "./refund-dialog.tsx"

/** Refunds the call of one row. */
export function RefundCall({ organizationId, name, requestId }: { readonly organizationId: string; readonly name: string; readonly requestId: string }) {
  const t = useTranslations("organizations.money")
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="outline" size="sm" aria-label={t("flagged.refund", { requestId })} onClick={() => setOpen(true)}>
        {t("refund")}
      </Button>
      <RefundDialog organizationId={organizationId} name={name} requestId={requestId} hasWallet={false} open={open} onOpenChange={setOpen} />
    </>
  )
}
