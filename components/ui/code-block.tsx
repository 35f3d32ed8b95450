import type { ReactNode } from "react"
import { cn } from "./cn.ts"
import { CopyButton } from "./copy-button.tsx"

/** Code to be read and copied as it stands. `label` names it for screen readers; `header` stands in its title bar. */
export function CodeBlock({ code, label, header, className }: { readonly code: string; readonly label: string; readonly header?: ReactNode; readonly className?: string }) {
  return (
    <div className={cn("dark relative overflow-hidden rounded-xl border border-border bg-code text-code-foreground", className)}>
      {header !== undefined && <div className="flex h-10 items-center border-b border-border px-4 pr-12 text-xs">{header}</div>}
      <pre tabIndex={0} role="region" aria-label={label} className="focus-ring overflow-x-auto px-4 py-3.5 pr-12 font-mono text-[0.8125rem] leading-6 -outline-offset-2">
        <code className="font-mono">{code}</code>
      </pre>
      <div className="absolute top-1.5 right-2 rounded-md bg-code">
        <CopyButton value={code} className="text-code-foreground/70 hover:bg-white/10 hover:text-code-foreground" />
      </div>
    </div>
  )
}

/** A piece of code in running text. */
export function Code({ children, className }: { readonly children: ReactNode; readonly className?: string }) {
  return <code className={cn("rounded-md bg-secondary px-1.5 py-0.5 font-mono text-[0.8125em]", className)}>{children}</code>
}
