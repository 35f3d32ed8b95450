import { Progress as BaseProgress } from "@base-ui/react/progress"
import { cn } from "./cn.ts"

const tones = { normal: "bg-primary", warning: "bg-chart-3", danger: "bg-destructive" } as const

/** How far: `value` of 100. `label` is its accessible name; `valueText` what a screen reader says in place of the percentage. */
export function Progress({ value, label, valueText, tone = "normal", className }: { readonly value: number; readonly label: string; readonly valueText?: string; readonly tone?: keyof typeof tones; readonly className?: string }) {
  return (
    <BaseProgress.Root value={Math.min(100, Math.max(0, value))} aria-label={label} getAriaValueText={valueText === undefined ? undefined : () => valueText} className={className}>
      <BaseProgress.Track className="h-1.5 overflow-hidden rounded-full bg-secondary">
        <BaseProgress.Indicator className={cn("h-full rounded-full transition-[width] duration-300", tones[tone])} />
      </BaseProgress.Track>
    </BaseProgress.Root>
  )
}
