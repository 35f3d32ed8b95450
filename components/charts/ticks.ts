/** Steps that people count in. */
const STEPS = [1, 2, 2.5, 5, 10] as const

/**
 * The marks of a value axis from zero to at least `max`: at most `marksMax` steps of 1, 2, 2.5 or 5 times a power of ten.
 * `integer` keeps the steps whole, for things that are counted. Nothing to show gives one step of 1.
 */
export function niceTicks(max: number, { marksMax = 4, integer = false }: { readonly marksMax?: number; readonly integer?: boolean } = {}): number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0, 1]
  const rough = max / marksMax
  const exponent = Math.floor(Math.log10(rough))
  const candidates = STEPS.map((step) => decimal(step, exponent)).filter((step) => !integer || Number.isInteger(step))
  const step = candidates.find((candidate) => candidate * marksMax >= max) ?? 1
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => decimal(index * (step / 10 ** exponent), exponent))
}

/** `mantissa · 10^exponent` without the dust of binary fractions: 0.3, not 0.30000000000000004. */
const decimal = (mantissa: number, exponent: number): number => Number(`${Number(mantissa.toPrecision(12))}e${exponent}`)

/** The digits behind the point that tell the ticks' steps apart. */
export function tickDecimals(ticks: readonly number[]): number {
  const step = ticks[1] ?? 1
  for (let decimals = 0; decimals < 9; decimals++) if (Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) return decimals
  return 9
}
