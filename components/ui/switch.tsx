import { Switch as BaseSwitch } from "@base-ui/react/switch"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"

/** On or off, at once or with the form it stands in. */
export function Switch({ className, ...props }: Styled<ComponentProps<typeof BaseSwitch.Root>>) {
  return (
    <BaseSwitch.Root className={cn("focus-ring inline-flex h-5 w-9 shrink-0 items-center rounded-full bg-input p-0.5 transition-colors data-checked:bg-primary data-disabled:opacity-50", className)} {...props}>
      <BaseSwitch.Thumb className="size-4 rounded-full bg-white shadow-sm transition-transform data-checked:translate-x-4 dark:data-checked:bg-canvas" />
    </BaseSwitch.Root>
  )
}
