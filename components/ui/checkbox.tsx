import { Checkbox as BaseCheckbox } from "@base-ui/react/checkbox"
import { Check, Minus } from "lucide-react"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"

export function Checkbox({ className, ...props }: Styled<ComponentProps<typeof BaseCheckbox.Root>>) {
  return (
    <BaseCheckbox.Root
      className={cn(
        "focus-ring grid size-4 place-items-center rounded-[5px] border border-input bg-background shadow-xs transition-colors data-checked:border-primary data-checked:bg-primary data-checked:text-primary-foreground data-disabled:opacity-50 data-indeterminate:border-primary data-indeterminate:bg-primary data-indeterminate:text-primary-foreground data-invalid:border-destructive",
        className,
      )}
      {...props}
    >
      <BaseCheckbox.Indicator className="group grid place-items-center">
        <Check aria-hidden strokeWidth={3} className="size-3 group-data-indeterminate:hidden" />
        <Minus aria-hidden strokeWidth={3} className="hidden size-3 group-data-indeterminate:block" />
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  )
}
