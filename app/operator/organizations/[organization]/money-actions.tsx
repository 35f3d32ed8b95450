"use client"

import { Plus, Scale, Undo2 } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { CreditDialog } from "#app/operator/organizations/credit-dialog.tsx"
import { Button } from "#components/ui/button.tsx"
import { AdjustDialog } from "./adjust-dialog.tsx"
import { RefundDialog } from "./refund-dialog.tsx"

type Asked = "credit" | "adjust" | "refund" | null

/** All that an operator does with an organization's money. Each becomes a posting, with its author and a reason. */
export function MoneyActions({ organizationId, name, hasWallet }: { readonly organizationId: string; readonly name: string; readonly hasWallet: boolean }) {
  const t = useTranslations("organizations")
  const [asked, setAsked] = useState<Asked>(null)
  const shared = { organizationId, name, onOpenChange: (open: boolean) => !open && setAsked(null) }
  return (
    <>
      {hasWallet && (
        <Button variant="outline" onClick={() => setAsked("adjust")}>
          <Scale aria-hidden />
          {t("money.adjust")}
        </Button>
      )}
      <Button variant="outline" onClick={() => setAsked("refund")}>
        <Undo2 aria-hidden />
        {t("money.refund")}
      </Button>
      <Button onClick={() => setAsked("credit")}>
        <Plus aria-hidden />
        {t("actions.credit")}
      </Button>
      <CreditDialog {...shared} open={asked === "credit"} />
      <AdjustDialog {...shared} open={asked === "adjust"} />
      <RefundDialog {...shared} open={asked === "refund"} requestId={null} hasWallet={hasWallet} />
    </>
  )
}
