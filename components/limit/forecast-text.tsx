import { useLocale, useTranslations } from "next-intl"
import { readableUsd } from "#components/format/money.ts"
import { Time } from "#components/format/time.tsx"
import { cn } from "#components/ui/cn.ts"
import type { Forecast } from "#lib/features/usage/index.ts"

type ForecastTextProps = {
  readonly forecast: Forecast
  readonly timeZone: string
  /** A wallet that comes to its end is no broken limit: it says until when it lasts. */
  readonly of?: "budget" | "wallet"
}

/** In one quiet line: where a budget or a wallet will stand at the present pace. A budget that will not do stands out. */
export function ForecastText({ forecast, timeZone, of = "budget" }: ForecastTextProps) {
  const t = useTranslations("common.forecast")
  const locale = useLocale()
  const isShort = forecast.kind === "spent" && (of === "budget" || forecast.isNear)
  return <p className={cn("text-xs", isShort ? "text-foreground" : "text-muted-foreground")}>{text()}</p>

  function text() {
    switch (forecast.kind) {
      case "within":
        return t("within", { amount: readableUsd(forecast.atEnd, locale) })
      case "spent":
        return t.rich(of === "wallet" ? "walletUntil" : "spent", { time: () => <Time value={new Date(forecast.atMs)} timeZone={timeZone} shape={forecast.isNear ? "dateTime" : "date"} /> })
      case "lasts":
        return t("lasts")
    }
  }
}
