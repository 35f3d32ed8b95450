import type { ComponentProps } from "react"
import { cn } from "./cn.ts"

export const labelClass = "text-sm font-medium text-foreground"

/** A label outside of a `Field` (a field brings its own). */
export function Label({ className, ...props }: ComponentProps<"label">) {
  return <label className={cn(labelClass, className)} {...props} />
}
