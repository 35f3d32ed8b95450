import { useLocale } from "next-intl"
import { cn } from "#components/ui/cn.ts"
import { exactUsd, readableUsd } from "./money.ts"

/** An amount of nano-dollars, rounded for the eye; the exact one shows on hover and is what screen readers are given. */
export function Money({ amount, exact = false, className }: { readonly amount: bigint; readonly exact?: boolean; readonly className?: string }) {
  const locale = useLocale()
  const precise = exactUsd(amount, locale)
  return (
    <data value={amount.toString()} title={precise} className={cn("tabular-nums", className)} translate="no">
      {exact ? precise : readableUsd(amount, locale)}
    </data>
  )
}
