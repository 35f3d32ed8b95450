import Link from "next/link"
import type { ReactNode } from "react"
import { cn } from "#components/ui/cn.ts"

export type MeasureTile = { readonly id: string; readonly href: string; readonly current: boolean; readonly label: string; readonly value: ReactNode; readonly detail: ReactNode }

/** The totals; each shows its own chart below at a press. */
export function MeasureTiles({ label, tiles }: { readonly label: string; readonly tiles: readonly MeasureTile[] }) {
  return (
    <nav aria-label={label} className="grid divide-y divide-border border-b border-border sm:grid-cols-3 sm:divide-x sm:divide-y-0">
      {tiles.map((tile) => (
        <Link
          key={tile.id}
          href={tile.href}
          scroll={false}
          aria-current={tile.current ? "true" : undefined}
          className={cn(
            "focus-ring relative grid gap-0.5 px-5 py-4 -outline-offset-2 transition-colors first:rounded-t-xl hover:bg-muted/60 sm:first:rounded-tr-none sm:last:rounded-tr-xl",
            "after:absolute after:inset-x-5 after:-bottom-px after:h-0.5 after:rounded-full after:bg-transparent",
            tile.current && "after:bg-primary",
          )}
        >
          <span className={cn("text-xs font-medium", tile.current ? "text-foreground" : "text-muted-foreground")}>{tile.label}</span>
          <span className="text-2xl font-semibold tracking-tight tabular-nums">{tile.value}</span>
          <span className="text-xs text-muted-foreground">{tile.detail}</span>
        </Link>
      ))}
    </nav>
  )
}
