import { formatUsd, NANO_PER_USD } from "#lib/kernel/nano-usd.ts"

/** Significant digits shown of an amount below one dollar: enough to compare two calls, few enough to be read. */
const SMALL_DIGITS = 3
const NANO_DIGITS = 9

/**
 * An amount as one reads it: cents from a dollar upwards, three significant digits below, grouped as the locale does
 * (`$1,234.50`, `$0.00123`). Rounded half up, for the eye only; the exact amount is `exactUsd`.
 */
export function readableUsd(amountNanoUsd: bigint, locale: string): string {
  const absolute = amountNanoUsd < 0n ? -amountNanoUsd : amountNanoUsd
  const decimals = absolute >= NANO_PER_USD || absolute === 0n ? 2 : Math.max(2, Math.min(NANO_DIGITS, NANO_DIGITS - absolute.toString().length + SMALL_DIGITS))
  const step = 10n ** BigInt(NANO_DIGITS - decimals)
  const rounded = ((absolute + step / 2n) / step) * step
  const decimalsMin = absolute >= NANO_PER_USD || rounded >= NANO_PER_USD ? 2 : undefined
  return withSign(amountNanoUsd < 0n, formatUsd(rounded, decimalsMin ?? 2), locale)
}

/** The amount to the nano-dollar, grouped as the locale does: `$0.001234567`. */
export function exactUsd(amountNanoUsd: bigint, locale: string): string {
  const absolute = amountNanoUsd < 0n ? -amountNanoUsd : amountNanoUsd
  return withSign(amountNanoUsd < 0n, formatUsd(absolute), locale)
}

function withSign(negative: boolean, decimal: string, locale: string): string {
  const [whole = "0", fraction] = decimal.split(".")
  const grouped = new Intl.NumberFormat(locale).format(BigInt(whole))
  // Both languages of ours write the dollar sign first and a point before decimals; `US$` of zh-CN would only be longer.
  return `${negative ? "−" : ""}$${grouped}${fraction === undefined ? "" : `.${fraction}`}`
}
