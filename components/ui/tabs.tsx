import { Tabs as BaseTabs } from "@base-ui/react/tabs"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"

export function Tabs({ className, ...props }: Styled<ComponentProps<typeof BaseTabs.Root>>) {
  return <BaseTabs.Root className={cn("grid grid-cols-[minmax(0,1fr)] gap-4", className)} {...props} />
}

export function TabsList({ className, children, ...props }: Styled<ComponentProps<typeof BaseTabs.List>>) {
  return (
    <BaseTabs.List className={cn("relative flex gap-5 overflow-x-auto border-b border-border", className)} {...props}>
      {children}
      <BaseTabs.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) rounded-full bg-primary transition-[translate,width] duration-150" />
    </BaseTabs.List>
  )
}

export function Tab({ className, ...props }: Styled<ComponentProps<typeof BaseTabs.Tab>>) {
  return <BaseTabs.Tab className={cn("focus-ring rounded-sm py-2 text-sm font-medium whitespace-nowrap text-muted-foreground -outline-offset-2 transition-colors hover:text-foreground data-active:text-foreground", className)} {...props} />
}

export function TabPanel({ className, ...props }: Styled<ComponentProps<typeof BaseTabs.Panel>>) {
  return <BaseTabs.Panel className={cn("focus-ring rounded-sm", className)} {...props} />
}

/** Tabs that wrap, for many: the chosen one is filled. */
export function PillTabsList({ className, ...props }: Styled<ComponentProps<typeof BaseTabs.List>>) {
  return <BaseTabs.List className={cn("flex flex-col gap-1", className)} {...props} />
}

export function PillTab({ className, ...props }: Styled<ComponentProps<typeof BaseTabs.Tab>>) {
  return (
    <BaseTabs.Tab
      className={cn("focus-ring h-8 rounded-lg px-2.5 text-sm font-medium whitespace-nowrap text-muted-foreground transition-colors hover:text-foreground data-active:bg-secondary data-active:text-foreground", className)}
      {...props}
    />
  )
}
