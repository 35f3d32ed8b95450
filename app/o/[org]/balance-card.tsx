import { useLocale, useTranslations } from "next-intl"
import { Money } from "#components/format/amount.tsx"
import { readableUsd } from "#components/format/money.ts"
import { Time } from "#components/format/time.tsx"
import { ForecastText } from "#components/limit/forecast-text.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import type { Forecast } from "#lib/features/usage/index.ts"
import type { LotView, WalletBalance } from "#lib/features/wallet/index.ts"

/** What is used next; the operator's page has them all. */
const LOTS_SHOWN_MAX = 4

/** What the organization's wallet still holds, and how long it lasts. */
export function BalanceCard({ balance, forecast, statementHref, timeZone }: { readonly balance: WalletBalance; readonly forecast: Forecast | null; readonly statementHref: string; readonly timeZone: string }) {
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
      {forecast !== null && <ForecastText of="wallet" forecast={forecast} timeZone={timeZone} />}
      {balance.lots.length > 0 && <Lots lots={balance.lots} timeZone={timeZone} />}
      <ButtonLink variant="link" size="sm" className="justify-self-start" href={statementHref}>
        {t("statement")}
      </ButtonLink>
    </Card>
  )
}

/** Credit that is used before paid credit, the oldest-expiring first. */
function Lots({ lots, timeZone }: { readonly lots: readonly LotView[]; readonly timeZone: string }) {
  const t = useTranslations("overview.balance")
  const more = lots.length - LOTS_SHOWN_MAX
  return (
    <ul className="grid gap-0.5 text-xs text-muted-foreground">
      {lots.slice(0, LOTS_SHOWN_MAX).map((lot) => (
        <li key={lot.id}>
          <LotText lot={lot} timeZone={timeZone} />
        </li>
      ))}
      {more > 0 && <li>{t("more", { count: more })}</li>}
    </ul>
  )
}

function LotText({ lot: { kind, remainingNanoUsd, expiresAt, ended }, timeZone }: { readonly lot: LotView; readonly timeZone: string }) {
  const t = useTranslations("overview.balance")
  const left = readableUsd(remainingNanoUsd, useLocale())
  if (ended) return t("lotEnded", { left })
  return expiresAt === null ? t("lotForEver", { left }) : t.rich("lot", { left, kind, time: () => <Time value={expiresAt} timeZone={timeZone} /> })
}
