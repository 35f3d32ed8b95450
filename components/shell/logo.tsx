import { cn } from "#components/ui/cn.ts"

/** The raised barrier. */
export function LogoMark({ className }: { readonly className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={cn("size-7", className)}>
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <g className="fill-primary-foreground">
        <rect x="7" y="13" width="4.5" height="12" rx="1.2" />
        <path d="M8 10.6 24.9 5.9a1.6 1.6 0 0 1 2 1.1l.2.8a1.6 1.6 0 0 1-1.1 2L9.2 14.4a2 2 0 0 1-1.2-3.8Z" />
        <rect x="7" y="23.5" width="18.5" height="1.8" rx=".9" opacity=".55" />
      </g>
      <path d="m14.4 8.8 1.1 3.9M20.2 7.2l1.1 3.9" className="stroke-primary" strokeWidth="1.8" />
    </svg>
  )
}

export function Logo({ className }: { readonly className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5 text-[0.9375rem] font-semibold tracking-tight", className)}>
      <LogoMark />
      <span translate="no">{PRODUCT_NAME}</span>
    </span>
  )
}

/** A name, the same in every language. */
export const PRODUCT_NAME = "Turnpike"
