import { Tooltip as BaseTooltip } from "@base-ui/react/tooltip"
import type { ReactElement, ReactNode } from "react"

export const TooltipProvider = BaseTooltip.Provider

/** A word or two on hover and focus. `children` is one element that takes the keyboard; its own accessible name must stand without the tooltip. */
export function Tooltip({ content, children, side = "top" }: { readonly content: ReactNode; readonly children: ReactElement; readonly side?: "top" | "right" | "bottom" | "left" }) {
  return (
    <BaseTooltip.Root>
      <BaseTooltip.Trigger render={children} />
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner className="z-50" side={side} sideOffset={6}>
          <BaseTooltip.Popup className="popup-motion max-w-72 rounded-lg bg-foreground px-2.5 py-1.5 text-xs text-background shadow-md">{content}</BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  )
}
