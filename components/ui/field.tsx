import { Field as BaseField } from "@base-ui/react/field"
import type { ComponentProps, ReactNode } from "react"
import { cn, type Styled } from "./cn.ts"
import { labelClass } from "./label.tsx"

/**
 * Label, control, description and error, tied together for assistive technology. Any control of components/ui inside takes the
 * id and the descriptions by itself. Inside a form use `FormField` (components/form), which finds its error.
 */
export function Field({ label, description, error, aside, className, children, ...props }: Omit<Styled<ComponentProps<typeof BaseField.Root>>, "children"> & {
  readonly label: ReactNode
  readonly description?: ReactNode
  readonly error?: string | undefined
  /** Stands at the right end of the label's line: “optional”, a link. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <BaseField.Root className={cn("grid gap-1.5", className)} invalid={error !== undefined} {...props}>
      <div className="flex items-baseline justify-between gap-3">
        <BaseField.Label className={labelClass}>{label}</BaseField.Label>
        {aside !== undefined && <span className="text-xs text-muted-foreground">{aside}</span>}
      </div>
      {children}
      <FieldError>{error}</FieldError>
      {description !== undefined && <BaseField.Description className="text-xs text-muted-foreground">{description}</BaseField.Description>}
    </BaseField.Root>
  )
}

/** A checkbox or switch with its words beside it. */
export function ChoiceField({ label, description, error, className, children, ...props }: Omit<Styled<ComponentProps<typeof BaseField.Root>>, "children"> & {
  readonly label: ReactNode
  readonly description?: ReactNode
  readonly error?: string | undefined
  readonly children: ReactNode
}) {
  return (
    <BaseField.Root className={cn("grid grid-cols-[auto_1fr] items-start gap-x-2.5 gap-y-0.5", className)} invalid={error !== undefined} {...props}>
      <span className="flex h-5 items-center">{children}</span>
      <BaseField.Label className={labelClass}>{label}</BaseField.Label>
      {description !== undefined && <BaseField.Description className="col-start-2 text-xs text-muted-foreground">{description}</BaseField.Description>}
      <FieldError className="col-start-2">{error}</FieldError>
    </BaseField.Root>
  )
}

function FieldError({ children, className }: { readonly children: string | undefined; readonly className?: string }) {
  if (children === undefined) return null
  return (
    <BaseField.Error match className={cn("text-xs text-destructive", className)}>
      {children}
    </BaseField.Error>
  )
}
