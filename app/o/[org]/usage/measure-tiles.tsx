import Link from "next/link"
import type { ReactNode } from "react"
import { cn } from "#components/ui/cn.ts"

export type MeasureTile = { readonly id: string; readonly href: string; readonly current: boolean; readonly label: string; readonly value: ReactNode; readonly detail: ReactNode }

/** The totals; each shows its own chart below at a press. */
export function MeasureTiles({ label, tiles }: { readonly label: string; readonly tiles: readonly MeasureTile[] }) {
  return (
    <nav aria-label={label} className="grid grid-cols-3 divide-x divide-border border-b border-border">
      {tiles.map((tile) => (
        <Link
          key={tile.id}
          href={tile.href}
          scroll={false}
          aria-current={tile.current ? "true" : undefined}
          className={cn(
            "focus-ring relative grid min-w-0 content-start gap-0.5 px-3 py-3 -outline-offset-2 transition-colors first:rounded-tl-xl last:rounded-tr-xl hover:bg-muted/60 sm:px-5 sm:py-4",
            "after:absolute after:inset-x-3 sm:after:inset-x-5 after:-bottom-px after:h-0.5 after:rounded-full after:bg-transparent",
            tile.current && "after:bg-primary",
          )}
        >
          <span className={cn("text-xs font-medium", tile.current ? "text-foreground" : "text-muted-foreground")}>{tile.label}</span>
          <span className="truncate text-base font-semibold tracking-tight tabular-nums sm:text-2xl">{tile.value}</span>
          <span className="hidden text-xs text-muted-foreground sm:block">{tile.detail}</span>
        </Link>
      ))}
    </nav>
  )
}
