import { Dialog as BaseDialog } from "@base-ui/react/dialog"
import { X } from "lucide-react"
import { useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { buttonVariants } from "./button.tsx"
import { cn } from "./cn.ts"
import { backdropClass } from "./dialog.tsx"

export const Sheet = BaseDialog.Root
export const SheetTrigger = BaseDialog.Trigger

const sides = {
  left: "left-0 border-r data-ending-style:-translate-x-full data-starting-style:-translate-x-full",
  right: "right-0 border-l data-ending-style:translate-x-full data-starting-style:translate-x-full",
} as const

/** A panel that slides in from the edge: the navigation on small screens, details beside a list. `hiddenTitle` names it for screen readers only. */
export function SheetContent({ side = "right", title, hiddenTitle = false, description, className, children }: { readonly side?: keyof typeof sides; readonly title: string; readonly hiddenTitle?: boolean; readonly description?: ReactNode; readonly className?: string; readonly children: ReactNode }) {
  const t = useTranslations("common")
  return (
    <BaseDialog.Portal>
      <BaseDialog.Backdrop className={backdropClass} />
      <BaseDialog.Popup className={cn("fixed inset-y-0 z-50 flex w-[min(28rem,calc(100vw-3rem))] flex-col border-border bg-popover text-popover-foreground shadow-lg outline-none transition-transform duration-200 ease-out", sides[side], className)}>
        <div className={cn("grid gap-1 px-5 pt-5 pr-12 pb-4", hiddenTitle && "sr-only")}>
          <BaseDialog.Title className="text-base font-semibold">{title}</BaseDialog.Title>
          {description !== undefined && <BaseDialog.Description className="text-sm text-muted-foreground">{description}</BaseDialog.Description>}
        </div>
        <div className="relative min-h-0 flex-1 overflow-y-auto">{children}</div>
        <BaseDialog.Close aria-label={t("close")} className={cn(buttonVariants({ variant: "ghost", size: "icon-sm" }), "absolute top-4 right-4 text-muted-foreground")}>
          <X aria-hidden />
        </BaseDialog.Close>
      </BaseDialog.Popup>
    </BaseDialog.Portal>
  )
}
