import type { ReactNode } from "react"
import { Card } from "#components/ui/card.tsx"

/** The one thing that a page outside of the portal asks or says. */
export function AuthCard({ title, description, children, foot }: { readonly title: ReactNode; readonly description?: ReactNode; readonly children?: ReactNode; readonly foot?: ReactNode }) {
  return (
    <div className="grid w-full max-w-sm gap-4">
      <Card className="grid gap-5 p-6 sm:p-7">
        <div className="grid gap-1.5">
          <h1 className="text-lg font-semibold tracking-tight text-balance">{title}</h1>
          {description !== undefined && <p className="text-sm text-pretty text-muted-foreground">{description}</p>}
        </div>
        {children}
      </Card>
      {foot !== undefined && <p className="text-center text-sm text-muted-foreground">{foot}</p>}
    </div>
  )
}

/** A link in running text. */
export const textLinkClass = "focus-ring rounded-sm font-medium text-foreground underline decoration-border underline-offset-4 hover:decoration-foreground"
