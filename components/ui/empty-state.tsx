import type { LucideIcon } from "lucide-react"
import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** What stands where nothing is yet: what it is, and the first step. */
export function EmptyState({ icon: Icon, title, titleAs: Title = "p", description, actions, children, className }: { readonly icon: LucideIcon; readonly title: ReactNode; /** A heading, where this is all that the page holds. */ readonly titleAs?: "p" | "h1" | "h2"; readonly description?: ReactNode; readonly actions?: ReactNode; readonly children?: ReactNode; readonly className?: string }) {
  return (
    <div className={cn("grid grid-cols-[minmax(0,1fr)] justify-items-center gap-4 px-4 sm:px-6 py-14 text-center", className)}>
      <span className="grid size-11 place-items-center rounded-xl border border-border bg-background text-muted-foreground shadow-xs dark:bg-card">
        <Icon aria-hidden className="size-5" />
      </span>
      <div className="grid max-w-md gap-1">
        <Title className="text-base font-semibold">{title}</Title>
        {description !== undefined && <p className="text-sm text-pretty text-muted-foreground">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap justify-center gap-2">{actions}</div>}
      {children !== undefined && <div className="w-full max-w-2xl text-left">{children}</div>}
    </div>
  )
}
