import { Wallet } from "lucide-react"
import { useTranslations } from "next-intl"
import { Money } from "#components/format/amount.tsx"
import { ForecastText } from "#components/limit/forecast-text.tsx"
import { Card } from "#components/ui/card.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import type { Forecast } from "#lib/features/usage/index.ts"
import type { WalletBalance } from "#lib/features/wallet/index.ts"
import { LotsTable } from "./lots-table.tsx"

const figures = ["balance", "paid", "promotional", "allowance", "held"] as const

/** What an organization has: in all, by where it came from, how long it lasts, and lot by lot. */
export function WalletSection({ wallet, forecast, timeZone }: { readonly wallet: WalletBalance | null; readonly forecast: Forecast | null; readonly timeZone: string }) {
  const t = useTranslations("organizations.money")
  if (wallet === null) {
    return (
      <Card>
        <EmptyState icon={Wallet} title={t("noWallet")} description={t("noWalletHint")} />
      </Card>
    )
  }
  return (
    <div className="grid gap-3">
      <Card>
        <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl bg-border sm:grid-cols-5">
          {figures.map((name) => (
            <div key={name} className="grid content-start gap-1 bg-card px-5 py-4 first:col-span-2 sm:first:col-span-1">
              <dt className="text-xs text-muted-foreground">{t(`figures.${name}`)}</dt>
              <dd className="text-lg font-semibold tracking-tight">
                <Money amount={wallet[`${name}NanoUsd`]} />
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      {forecast !== null && <ForecastText of="wallet" forecast={forecast} timeZone={timeZone} />}
      {wallet.lots.length > 0 && <LotsTable lots={wallet.lots} timeZone={timeZone} />}
    </div>
  )
}
