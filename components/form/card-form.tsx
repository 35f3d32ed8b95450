import type { ReactNode } from "react"
import { CardContent, CardFooter } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"
import { Form, type FormProps } from "./form.tsx"

type CardFormProps<T> = Omit<FormProps<T>, "className" | "refusalClassName"> & {
  /** What sends it, on the card's last line; null: it is only shown. */
  readonly footer: ReactNode
  /** The layout of its fields. */
  readonly fieldsClassName?: string
}

/** A form that fills a `Card`. */
export function CardForm<T = null>({ footer, fieldsClassName, children, ...props }: CardFormProps<T>) {
  return (
    <Form {...props} className="gap-0" refusalClassName="mx-5 mt-4">
      <CardContent className={cn("grid gap-4", fieldsClassName)}>{children}</CardContent>
      {footer !== null && <CardFooter>{footer}</CardFooter>}
    </Form>
  )
}
