import Link from "next/link"
import { cn } from "./cn.ts"

export type Segment = { readonly label: string; readonly href: string; readonly current: boolean }

/** A few views of the same page side by side; each is a link, so that a view has an address. */
export function SegmentedLinks({ label, segments, className }: { readonly label: string; readonly segments: readonly Segment[]; readonly className?: string }) {
  return (
    <nav aria-label={label} className={cn("inline-flex h-8 max-w-full items-center gap-0.5 overflow-x-auto rounded-lg bg-secondary p-0.5", className)}>
      {segments.map((segment) => (
        <Link
          key={segment.label}
          href={segment.href}
          scroll={false}
          aria-current={segment.current ? "true" : undefined}
          className={cn(
            "focus-ring inline-flex h-7 items-center rounded-[7px] px-2.5 text-xs font-medium whitespace-nowrap text-muted-foreground -outline-offset-2 transition-colors hover:text-foreground",
            segment.current && "bg-background text-foreground shadow-xs dark:bg-card",
          )}
        >
          {segment.label}
        </Link>
      ))}
    </nav>
  )
}
