import { Input as BaseInput } from "@base-ui/react/input"
import type { ComponentProps, ReactNode } from "react"
import { cn, type Styled } from "./cn.ts"

export const inputClass =
  "field-ring h-9 w-full min-w-0 rounded-lg border border-input bg-background px-3 text-base text-foreground shadow-xs transition-[border-color,box-shadow] duration-100 placeholder:text-muted-foreground/70 disabled:cursor-not-allowed disabled:opacity-60 [&[readonly]]:bg-muted md:text-sm dark:bg-canvas/40"

/** One line of text. Text stands at 16 px on small screens: iOS zooms into anything smaller. */
export function Input({ className, ...props }: Styled<ComponentProps<typeof BaseInput>>) {
  return <BaseInput className={cn(inputClass, className)} {...props} />
}

/** An input with something fixed in front or behind: a currency, a unit, a URL's beginning. */
export function InputGroup({ before, after, className, ...props }: Styled<ComponentProps<typeof BaseInput>> & { readonly before?: ReactNode; readonly after?: ReactNode }) {
  return (
    <div className="relative flex items-center">
      {before !== undefined && <span className="pointer-events-none absolute left-3 text-muted-foreground">{before}</span>}
      <BaseInput className={cn(inputClass, before !== undefined && "pl-7", after !== undefined && "pr-14", className)} {...props} />
      {after !== undefined && <span className="pointer-events-none absolute right-3 text-muted-foreground">{after}</span>}
    </div>
  )
}
