import { Separator as BaseSeparator } from "@base-ui/react/separator"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"

export function Separator({ className, ...props }: Styled<ComponentProps<typeof BaseSeparator>>) {
  return <BaseSeparator className={cn("shrink-0 bg-border data-[orientation=horizontal]:h-px data-[orientation=horizontal]:w-full data-[orientation=vertical]:w-px data-[orientation=vertical]:self-stretch", className)} {...props} />
}
