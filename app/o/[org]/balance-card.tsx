import { useLocale, useTranslations } from "next-intl"
import { Money } from "#components/format/amount.tsx"
import { readableUsd } from "#components/format/money.ts"
import { buttonVariants } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"
import type { WalletBalance } from "#lib/features/wallet/index.ts"

/** What the organization's wallet still holds. */
export function BalanceCard({ balance, statementHref }: { readonly balance: WalletBalance; readonly statementHref: string }) {
  const t = useTranslations("overview.balance")
  const locale = useLocale()
  return (
    <Card className="grid gap-1 px-5 py-4">
      <h2 className="text-sm font-semibold">{t("title")}</h2>
      <p className="text-2xl font-semibold tracking-tight">
        <Money amount={balance.balanceNanoUsd} />
      </p>
      <p className="text-xs text-muted-foreground">
        {t("used", { used: readableUsd(balance.usedNanoUsd, locale), credited: readableUsd(balance.creditedNanoUsd, locale) })}
        {balance.heldNanoUsd > 0n && ` ${t("held", { held: readableUsd(balance.heldNanoUsd, locale) })}`}
      </p>
      <a className={cn(buttonVariants({ variant: "link", size: "sm" }), "justify-self-start")} href={statementHref} download>
        {t("statement")}
      </a>
    </Card>
  )
}
