import type { ComponentProps, ReactNode } from "react"
import { cn } from "./cn.ts"

export function Card({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("rounded-xl border border-border bg-card text-card-foreground shadow-xs", className)} {...props} />
}

export function CardHeader({ title, description, actions, className }: { readonly title: ReactNode; readonly description?: ReactNode; readonly actions?: ReactNode; readonly className?: string }) {
  return (
    <div className={cn("flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 pt-4", className)}>
      <div className="grid gap-0.5">
        <h3 className="text-sm font-semibold">{title}</h3>
        {description !== undefined && <p className="text-sm text-muted-foreground">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex items-center gap-2">{actions}</div>}
    </div>
  )
}

export function CardContent({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("px-5 py-4", className)} {...props} />
}

/** The line at the bottom that holds a card's actions. */
export function CardFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("flex flex-wrap items-center justify-end gap-2 rounded-b-xl border-t border-border bg-muted/60 px-5 py-3", className)} {...props} />
}
