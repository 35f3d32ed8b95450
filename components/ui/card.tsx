import type { ComponentProps } from "react"
import { cn } from "./cn.ts"

export function Card({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("rounded-xl border border-border bg-card text-card-foreground shadow-xs", className)} {...props} />
}

export function CardContent({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("px-5 py-4", className)} {...props} />
}

/** The line at the bottom that holds a card's actions. */
export function CardFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("flex flex-wrap items-center justify-end gap-2 rounded-b-xl border-t border-border bg-muted/60 px-5 py-3", className)} {...props} />
}
