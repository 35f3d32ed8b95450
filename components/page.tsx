import type { ReactNode } from "react"
import { Breadcrumb, type Crumb } from "#components/ui/breadcrumb.tsx"
import { cn } from "#components/ui/cn.ts"

const widths = { narrow: "max-w-3xl", wide: "max-w-6xl" } as const

/** A page inside a shell: heading, what it is for, its main actions, then its sections. */
export function Page({ title, description, actions, crumbs = [], width = "wide", children }: { readonly title: ReactNode; readonly description?: ReactNode; readonly actions?: ReactNode; readonly crumbs?: readonly Crumb[]; readonly width?: keyof typeof widths; readonly children: ReactNode }) {
  return (
    <div className={cn("mx-auto grid w-full grid-cols-[minmax(0,1fr)] gap-6 px-4 py-6 sm:px-8 sm:py-8", widths[width])}>
      <header className="grid gap-2">
        {crumbs.length > 0 && <Breadcrumb crumbs={crumbs} />}
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="grid min-w-0 gap-1">
            <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
            {description !== undefined && <p className="max-w-2xl text-sm text-pretty text-muted-foreground">{description}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      </header>
      {children}
    </div>
  )
}

/** A part of a page with its own heading. */
export function Section({ title, description, actions, children }: { readonly title: ReactNode; readonly description?: ReactNode; readonly actions?: ReactNode; readonly children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="grid gap-0.5">
          <h2 className="text-sm font-semibold">{title}</h2>
          {description !== undefined && <p className="text-sm text-muted-foreground">{description}</p>}
        </div>
        {actions !== undefined && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
