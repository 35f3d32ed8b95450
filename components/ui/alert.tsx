import { cva, type VariantProps } from "class-variance-authority"
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import { cn } from "./cn.ts"

const alertVariants = cva("flex gap-3 rounded-xl border px-4 py-3 text-sm", {
  variants: {
    tone: {
      info: "border-info/20 bg-info-soft [&>svg]:text-info",
      success: "border-success/20 bg-success-soft [&>svg]:text-success",
      warning: "border-warning/25 bg-warning-soft [&>svg]:text-warning",
      danger: "border-destructive/20 bg-destructive-soft [&>svg]:text-destructive",
    },
  },
  defaultVariants: { tone: "info" },
})

const icons = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert } as const

/** Something to know before going on. `danger` is announced at once. */
export function Alert({ tone = "info", title, children, actions, className }: { readonly tone?: NonNullable<VariantProps<typeof alertVariants>["tone"]>; readonly title?: ReactNode; readonly children?: ReactNode; readonly actions?: ReactNode; readonly className?: string }) {
  const Icon = icons[tone]
  return (
    <div role={tone === "danger" ? "alert" : "status"} className={cn(alertVariants({ tone }), className)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="grid min-w-0 flex-1 gap-1 wrap-anywhere">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children !== undefined && <div className="text-foreground/85">{children}</div>}
        {actions !== undefined && <div className="mt-1 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  )
}
