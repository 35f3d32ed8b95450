"use client"

import { Combobox as BaseCombobox } from "@base-ui/react/combobox"
import { Check, X } from "lucide-react"
import { cn } from "./cn.ts"
import { itemClass, popupClass } from "./popup.ts"
import type { Option } from "./select.tsx"

type MultiComboboxProps = {
  readonly options: readonly Option[]
  readonly name?: string
  readonly defaultValue?: readonly string[]
  readonly placeholder?: string
  /** Shown where nothing matches what was typed. */
  readonly emptyText: string
  /** The accessible name of a chip's remove button. */
  readonly removeLabel: string
  readonly disabled?: boolean
}

/** Any number of many options, found by typing; each is submitted under `name`. */
export function MultiCombobox({ options, defaultValue = [], placeholder, emptyText, removeLabel, ...props }: MultiComboboxProps) {
  const chosen = options.filter((option) => defaultValue.includes(option.value))
  return (
    <BaseCombobox.Root items={options} multiple defaultValue={chosen} itemToStringValue={(option: Option) => option.value} {...props}>
      <BaseCombobox.Chips className="flex min-h-9 w-full flex-wrap items-center gap-1 rounded-lg border border-input bg-background px-1.5 py-1 shadow-xs transition-[border-color,box-shadow] focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20 dark:bg-canvas/40">
        <BaseCombobox.Value>
          {(value: readonly Option[]) => (
            <>
              {value.map((option) => (
                <BaseCombobox.Chip key={option.value} aria-label={option.label} className="focus-ring flex items-center gap-1 rounded-md bg-secondary py-0.5 pr-0.5 pl-2 text-xs text-secondary-foreground">
                  {option.label}
                  <BaseCombobox.ChipRemove aria-label={removeLabel} className="grid size-5 place-items-center rounded text-muted-foreground hover:bg-accent hover:text-foreground">
                    <X aria-hidden className="size-3" />
                  </BaseCombobox.ChipRemove>
                </BaseCombobox.Chip>
              ))}
              <BaseCombobox.Input placeholder={value.length === 0 ? placeholder : undefined} className="h-6 min-w-24 flex-1 bg-transparent px-1.5 text-base outline-none placeholder:text-muted-foreground/70 md:text-sm" />
            </>
          )}
        </BaseCombobox.Value>
      </BaseCombobox.Chips>
      <BaseCombobox.Portal>
        <BaseCombobox.Positioner className="z-50 outline-none" sideOffset={4}>
          <BaseCombobox.Popup className={cn(popupClass, "w-(--anchor-width)")}>
            <BaseCombobox.Empty className="px-3 py-2 text-sm text-muted-foreground empty:hidden">{emptyText}</BaseCombobox.Empty>
            <BaseCombobox.List className="max-h-[min(18rem,var(--available-height))] overflow-y-auto p-1 empty:p-0">
              {(option: Option) => (
                <BaseCombobox.Item key={option.value} value={option} className={cn(itemClass, "justify-between")}>
                  {option.label}
                  <BaseCombobox.ItemIndicator className="text-primary">
                    <Check aria-hidden />
                  </BaseCombobox.ItemIndicator>
                </BaseCombobox.Item>
              )}
            </BaseCombobox.List>
          </BaseCombobox.Popup>
        </BaseCombobox.Positioner>
      </BaseCombobox.Portal>
    </BaseCombobox.Root>
  )
}
