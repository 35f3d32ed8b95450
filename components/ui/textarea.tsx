import { Field as BaseField } from "@base-ui/react/field"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"
import { inputClass } from "./input.tsx"

/** Several lines of text. */
export function Textarea({ className, rows = 4, ...props }: Styled<ComponentProps<typeof BaseField.Control>> & { readonly rows?: number }) {
  return <BaseField.Control render={<textarea rows={rows} />} className={cn(inputClass, "h-auto py-2", className)} {...props} />
}
