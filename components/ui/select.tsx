"use client"

import { Select as BaseSelect } from "@base-ui/react/select"
import { Check, ChevronDown } from "lucide-react"
import { type ReactNode, useRef } from "react"
import { cn } from "./cn.ts"
import { inputClass } from "./input.tsx"
import { itemClass, popupClass } from "./popup.ts"

export type Option = {
  readonly value: string
  readonly label: string
  /** A second, quieter line. */
  readonly hint?: ReactNode
  readonly disabled?: boolean
}

type SelectProps = {
  readonly options: readonly Option[]
  readonly name?: string
  readonly defaultValue?: string
  readonly value?: string
  readonly onValueChange?: (value: string) => void
  readonly placeholder?: string
  readonly required?: boolean
  readonly disabled?: boolean
  readonly className?: string
  readonly "aria-label"?: string
  readonly size?: "sm" | "md"
}

/** One of a few options, submitted under `name`. Outside of a `Field` give it an `aria-label`. */
export function Select({ options, onValueChange, placeholder, className, size = "md", "aria-label": ariaLabel, ...props }: SelectProps) {
  const trigger = useRef<HTMLButtonElement>(null)
  const choose = (value: string | null) => {
    if (value === null) return
    // A choice is input like typing is, but Base UI sets its hidden input in silence: whoever listens around is told here.
    trigger.current?.dispatchEvent(new Event("input", { bubbles: true }))
    onValueChange?.(value)
  }
  return (
    <BaseSelect.Root items={options} onValueChange={choose} {...props}>
      <BaseSelect.Trigger ref={trigger} aria-label={ariaLabel} className={cn(inputClass, "flex items-center justify-between gap-2 text-left select-none hover:bg-muted dark:hover:bg-accent", size === "sm" && "h-7 px-2.5 text-xs md:text-xs", className)}>
        <BaseSelect.Value className="truncate data-placeholder:text-muted-foreground/70" placeholder={placeholder} />
        <BaseSelect.Icon>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner className="z-50 outline-none" sideOffset={4} alignItemWithTrigger={false}>
          <BaseSelect.Popup className={cn(popupClass, "min-w-(--anchor-width)")}>
            <BaseSelect.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto p-1">
              {options.map((option) => (
                <BaseSelect.Item key={option.value} value={option.value} disabled={option.disabled} className={cn(itemClass, "grid grid-cols-[1fr_1rem] items-center gap-3")}>
                  <span className="grid">
                    <BaseSelect.ItemText>{option.label}</BaseSelect.ItemText>
                    {option.hint !== undefined && <span className="text-xs text-muted-foreground">{option.hint}</span>}
                  </span>
                  <BaseSelect.ItemIndicator className="text-primary">
                    <Check aria-hidden className="size-4" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  )
}
