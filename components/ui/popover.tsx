import { Popover as BasePopover } from "@base-ui/react/popover"
import type { ComponentProps } from "react"
import { cn } from "./cn.ts"
import { popupClass } from "./popup.ts"

export const Popover = BasePopover.Root
export const PopoverTrigger = BasePopover.Trigger

export function PopoverContent({ className, align = "start", sideOffset = 6, children }: Pick<ComponentProps<typeof BasePopover.Positioner>, "align" | "sideOffset" | "children"> & { readonly className?: string }) {
  return (
    <BasePopover.Portal>
      <BasePopover.Positioner className="z-50" align={align} sideOffset={sideOffset}>
        <BasePopover.Popup className={cn(popupClass, "w-72 p-4", className)}>{children}</BasePopover.Popup>
      </BasePopover.Positioner>
    </BasePopover.Portal>
  )
}
