import { Radio } from "@base-ui/react/radio"
import { RadioGroup as BaseRadioGroup } from "@base-ui/react/radio-group"
import type { ComponentProps, ReactNode } from "react"
import { cn, type Styled } from "./cn.ts"

/** One of a few choices that are worth being read side by side. Holds `RadioCard`s. */
export function RadioGroup({ className, ...props }: Styled<ComponentProps<typeof BaseRadioGroup>>) {
  return <BaseRadioGroup className={cn("grid gap-2", className)} {...props} />
}

export function RadioCard({ value, label, description, disabled }: { readonly value: string; readonly label: ReactNode; readonly description?: ReactNode; readonly disabled?: boolean }) {
  return (
    <label className="flex cursor-pointer items-start gap-3 rounded-lg border border-border bg-background px-3.5 py-3 transition-colors hover:bg-muted has-data-checked:border-primary has-data-checked:bg-primary/5 has-data-disabled:cursor-not-allowed has-data-disabled:opacity-50 dark:bg-card">
      <Radio.Root value={value} disabled={disabled} className="focus-ring mt-0.5 grid size-4 shrink-0 place-items-center rounded-full border border-input bg-background shadow-xs data-checked:border-primary data-checked:bg-primary">
        <Radio.Indicator className="size-1.5 rounded-full bg-primary-foreground" />
      </Radio.Root>
      <span className="grid gap-0.5">
        <span className="text-sm font-medium">{label}</span>
        {description !== undefined && <span className="text-xs text-muted-foreground">{description}</span>}
      </span>
    </label>
  )
}
