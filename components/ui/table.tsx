import type { ComponentProps } from "react"
import { cn } from "./cn.ts"

/** A table that scrolls sideways in its own frame; the frame takes the keyboard, so that it can be scrolled by it. */
export function Table({ className, "aria-label": label, ...props }: ComponentProps<"table"> & { readonly "aria-label": string }) {
  return (
    <div className="focus-ring relative w-full overflow-x-auto rounded-[inherit]" role="region" aria-label={label} tabIndex={0}>
      <table className={cn("w-full caption-bottom border-separate border-spacing-0 text-sm", className)} aria-label={label} {...props} />
    </div>
  )
}

export function TableHeader(props: ComponentProps<"thead">) {
  return <thead {...props} />
}

export function TableBody({ className, ...props }: ComponentProps<"tbody">) {
  return <tbody className={cn("[&_tr:last-child_td]:border-b-0", className)} {...props} />
}

export function TableRow({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("group/row", className)} {...props} />
}

export function TableHead({ className, ...props }: ComponentProps<"th">) {
  return <th scope="col" className={cn("h-9 border-b border-border px-3 first:pl-4 last:pr-4 md:px-4 text-left align-middle text-xs font-medium whitespace-nowrap text-muted-foreground", className)} {...props} />
}

export function TableCell({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("h-12 border-b border-border px-3 first:pl-4 last:pr-4 md:px-4 py-2 align-middle group-hover/row:bg-muted/50", className)} {...props} />
}
