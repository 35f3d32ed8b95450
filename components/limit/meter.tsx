import { cn } from "#components/ui/cn.ts"
import { barParts, percentOf } from "./bar-parts.ts"

const tones = { normal: "bg-primary", warning: "bg-chart-3", danger: "bg-destructive" } as const

type MeterProps = {
  readonly label: string
  readonly used: bigint
  readonly held: bigint
  readonly limit: bigint
  /** What will be used at the period's end at the present pace; null: nothing is foretold. */
  readonly ahead?: bigint | null
  /** All of it in words. */
  readonly valueText: string
}

/** How far something is used up, as a bar: what is used, lighter what is reserved, and a mark where it is heading. */
export function Meter({ label, used, held, limit, ahead = null, valueText }: MeterProps) {
  const { usedPercent, heldPercent, tone } = barParts(used, held, limit)
  return (
    <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(usedPercent)} aria-valuetext={valueText} className="relative flex h-1.5 overflow-hidden rounded-full bg-secondary">
      <span className={cn("h-full", tones[tone])} style={{ width: `${usedPercent}%` }} />
      <span className={cn("h-full opacity-35", tones[tone])} style={{ width: `${heldPercent}%` }} />
      {ahead !== null && <span className="absolute inset-y-0 w-0.5 -translate-x-full bg-foreground/50" style={{ left: `${percentOf(ahead, limit)}%` }} />}
    </div>
  )
}
