import { Field } from "@base-ui/react/field"
import type { ComponentProps } from "react"
import { cn } from "./cn.ts"
import { inputClass } from "./input.tsx"

/** Several lines of text; grows with them where the browser can. */
export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <Field.Control render={<textarea className={cn(inputClass, "field-sizing-content h-auto min-h-20 py-2 leading-relaxed", className)} {...props} />} />
}
