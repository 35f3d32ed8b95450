import { Menu } from "@base-ui/react/menu"
import { Check } from "lucide-react"
import Link from "next/link"
import type { ComponentProps, ReactNode } from "react"
import { cn, type Styled } from "./cn.ts"
import { itemClass, popupClass } from "./popup.ts"

export const DropdownMenu = Menu.Root
/** Give it `render={<Button …/>}`. */
export const DropdownMenuTrigger = Menu.Trigger
export const DropdownMenuGroup = Menu.Group
export const DropdownMenuRadioGroup = Menu.RadioGroup

export function DropdownMenuContent({ className, align = "end", side, sideOffset = 6, children }: Pick<ComponentProps<typeof Menu.Positioner>, "align" | "side" | "sideOffset" | "children"> & { readonly className?: string }) {
  return (
    <Menu.Portal>
      <Menu.Positioner className="z-50 outline-none" align={align} side={side} sideOffset={sideOffset}>
        <Menu.Popup className={cn(popupClass, "max-h-(--available-height) min-w-44 overflow-y-auto p-1", className)}>{children}</Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  )
}

export function DropdownMenuItem({ className, destructive = false, ...props }: Styled<ComponentProps<typeof Menu.Item>> & { readonly destructive?: boolean }) {
  return <Menu.Item className={cn(itemClass, "w-full", destructive && "text-destructive data-highlighted:bg-destructive-soft data-highlighted:text-destructive", className)} {...props} />
}

export function DropdownMenuLink({ className, href, children }: { readonly className?: string; readonly href: string; readonly children: ReactNode }) {
  return (
    <Menu.LinkItem className={cn(itemClass, className)} closeOnClick render={<Link href={href} />}>
      {children}
    </Menu.LinkItem>
  )
}

export function DropdownMenuRadioItem({ className, children, ...props }: Styled<ComponentProps<typeof Menu.RadioItem>>) {
  return (
    <Menu.RadioItem className={cn(itemClass, "justify-between", className)} {...props}>
      <span className="flex items-center gap-2">{children}</span>
      <Menu.RadioItemIndicator className="text-primary">
        <Check aria-hidden />
      </Menu.RadioItemIndicator>
    </Menu.RadioItem>
  )
}

export function DropdownMenuLabel({ className, ...props }: Styled<ComponentProps<typeof Menu.GroupLabel>>) {
  return <Menu.GroupLabel className={cn("px-2 py-1.5 text-xs font-medium text-muted-foreground", className)} {...props} />
}

export function DropdownMenuSeparator({ className, ...props }: Styled<ComponentProps<typeof Menu.Separator>>) {
  return <Menu.Separator className={cn("-mx-1 my-1 h-px bg-border", className)} {...props} />
}
