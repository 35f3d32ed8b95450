import { Dialog as BaseDialog } from "@base-ui/react/dialog"
import { X } from "lucide-react"
import { useTranslations } from "next-intl"
import type { ComponentProps, ReactNode } from "react"
import { buttonVariants } from "./button.tsx"
import { cn } from "./cn.ts"

export const backdropClass = "fixed inset-0 z-40 bg-overlay transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0"

export const dialogClass =
  "fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden rounded-2xl border border-border bg-popover text-popover-foreground shadow-lg outline-none transition-[opacity,scale] duration-150 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0"

export const Dialog = BaseDialog.Root
/** Give it `render={<Button …/>}`. */
export const DialogTrigger = BaseDialog.Trigger
export const DialogClose = BaseDialog.Close

/** The window: title, what it is for, and whatever stands in it (`DialogBody`, `DialogFooter`). */
export function DialogContent({ title, description, className, children, ...props }: Omit<ComponentProps<typeof BaseDialog.Popup>, "className" | "title"> & { readonly title: ReactNode; readonly description?: ReactNode; readonly className?: string }) {
  const t = useTranslations("common")
  return (
    <BaseDialog.Portal>
      <BaseDialog.Backdrop className={backdropClass} />
      <BaseDialog.Popup className={cn(dialogClass, className)} {...props}>
        <div className="grid shrink-0 gap-1 px-5 pt-5 pr-12 pb-4">
          <BaseDialog.Title className="text-base font-semibold wrap-anywhere">{title}</BaseDialog.Title>
          {description !== undefined && <BaseDialog.Description className="text-sm wrap-anywhere text-muted-foreground">{description}</BaseDialog.Description>}
        </div>
        {children}
        <BaseDialog.Close aria-label={t("close")} className={cn(buttonVariants({ variant: "ghost", size: "icon-sm" }), "absolute top-4 right-4 text-muted-foreground")}>
          <X aria-hidden />
        </BaseDialog.Close>
      </BaseDialog.Popup>
    </BaseDialog.Portal>
  )
}

/**
 * The part that scrolls where the window is not high enough for all of it. Positioned, so that the hidden inputs of selects inside
 * (which are absolute) scroll with it: otherwise they lie below the window's edge and the browser scrolls the whole window to them.
 */
export function DialogBody({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("relative grid gap-4 overflow-y-auto px-5 pb-5", className)} {...props} />
}

export function DialogFooter({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("flex shrink-0 flex-wrap justify-end gap-2 border-t border-border bg-muted/60 px-5 py-3", className)} {...props} />
}
