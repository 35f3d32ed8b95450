import { cn } from "#components/ui/cn.ts"
import { barParts } from "./bar-parts.ts"

const tones = { normal: "bg-primary", warning: "bg-chart-3", danger: "bg-destructive" } as const

/** How far something is used up, as a bar: what is used, and, lighter, what is reserved. `valueText` says it in words. */
export function Meter({ label, used, held, limit, valueText }: { readonly label: string; readonly used: bigint; readonly held: bigint; readonly limit: bigint; readonly valueText: string }) {
  const { usedPercent, heldPercent, tone } = barParts(used, held, limit)
  return (
    <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(usedPercent)} aria-valuetext={valueText} className="flex h-1.5 overflow-hidden rounded-full bg-secondary">
      <span className={cn("h-full", tones[tone])} style={{ width: `${usedPercent}%` }} />
      <span className={cn("h-full opacity-35", tones[tone])} style={{ width: `${heldPercent}%` }} />
    </div>
  )
}
