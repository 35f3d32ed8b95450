import { useLocale, useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { Money } from "#components/format/amount.tsx"
import { readableUsd } from "#components/format/money.ts"
import { cn } from "#components/ui/cn.ts"
import type { Forecast } from "#lib/features/usage/index.ts"
import { ForecastText } from "./forecast-text.tsx"
import { Meter } from "./meter.tsx"

type LimitBarProps = {
  /** What is limited; the bar's accessible name. */
  readonly label: string
  readonly used: bigint
  /** Reserved by calls that are running. */
  readonly held?: bigint
  readonly limit: bigint
  /** A quiet line below: the period, when it begins anew. */
  readonly note?: ReactNode
  /** Where it will stand at the present pace, and the time zone of the dates in it. */
  readonly forecast?: { readonly of: Forecast; readonly timeZone: string } | null
  /** Leaves the label to what stands around. */
  readonly hideLabel?: boolean
  readonly className?: string
}

/** A budget or wallet in nano-dollars as a bar: what is used, and, lighter, what running calls hold. */
export function LimitBar({ label, used, held = 0n, limit, note, forecast = null, hideLabel = false, className }: LimitBarProps) {
  const t = useTranslations("common.limit")
  const locale = useLocale()
  return (
    <div className={cn("grid gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <span className={cn("min-w-0 truncate text-sm", hideLabel && "sr-only")}>{label}</span>
        <span className="text-xs whitespace-nowrap text-muted-foreground">
          {t.rich("usedOf", {
            used: () => <Money amount={used} className="text-sm font-medium text-foreground" />,
            limit: () => <Money amount={limit} />,
          })}
        </span>
      </div>
      <Meter label={label} used={used} held={held} limit={limit} ahead={forecast?.of.kind === "within" ? forecast.of.atEnd : null} valueText={t("valueText", { used: readableUsd(used, locale), limit: readableUsd(limit, locale), held: readableUsd(held, locale) })} />
      {(note !== undefined || held > 0n) && (
        <p className="flex justify-between gap-3 text-xs text-muted-foreground">
          <span>{note}</span>
          {held > 0n && <span className="whitespace-nowrap">{t("held", { held: readableUsd(held, locale) })}</span>}
        </p>
      )}
      {forecast !== null && <ForecastText forecast={forecast.of} timeZone={forecast.timeZone} />}
    </div>
  )
}
