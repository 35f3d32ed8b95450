import { AlertDialog as BaseAlertDialog } from "@base-ui/react/alert-dialog"
import type { ReactNode } from "react"
import { backdropClass, dialogClass, DialogFooter } from "./dialog.tsx"
import { cn } from "./cn.ts"

export const AlertDialog = BaseAlertDialog.Root
export const AlertDialogTrigger = BaseAlertDialog.Trigger
export const AlertDialogClose = BaseAlertDialog.Close

/** Asks before something that cannot be undone. Does not close by a click beside it. For the common case see `ConfirmAction`. */
export function AlertDialogContent({ title, description, footer, children, className }: { readonly title: ReactNode; readonly description: ReactNode; readonly footer: ReactNode; readonly children?: ReactNode; readonly className?: string }) {
  return (
    <BaseAlertDialog.Portal>
      <BaseAlertDialog.Backdrop className={backdropClass} />
      <BaseAlertDialog.Popup className={cn(dialogClass, "max-w-md", className)}>
        <div className="grid gap-1.5 px-5 pt-5 pb-5">
          <BaseAlertDialog.Title className="text-base font-semibold wrap-anywhere">{title}</BaseAlertDialog.Title>
          <BaseAlertDialog.Description className="text-sm text-muted-foreground">{description}</BaseAlertDialog.Description>
        </div>
        {children}
        <DialogFooter>{footer}</DialogFooter>
      </BaseAlertDialog.Popup>
    </BaseAlertDialog.Portal>
  )
}
