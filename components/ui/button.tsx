import { Button as BaseButton } from "@base-ui/react/button"
import { cva, type VariantProps } from "class-variance-authority"
import Link from "next/link"
import type { ComponentProps } from "react"
import { cn, type Styled } from "./cn.ts"
import { Spinner } from "./spinner.tsx"

export const buttonVariants = cva(
  "focus-ring relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg font-medium whitespace-nowrap select-none transition-[background-color,border-color,color,box-shadow] duration-100 disabled:opacity-50 data-disabled:opacity-50 disabled:cursor-not-allowed data-disabled:cursor-not-allowed [&_svg]:pointer-events-none [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4",
  {
    variants: {
      variant: {
        primary: "bg-primary text-primary-foreground shadow-xs hover:bg-primary-hover",
        outline: "border border-input bg-background text-foreground shadow-xs hover:bg-accent dark:bg-card dark:hover:bg-accent",
        secondary: "bg-secondary text-secondary-foreground hover:bg-accent",
        ghost: "text-foreground hover:bg-accent",
        destructive: "bg-destructive text-white shadow-xs hover:bg-destructive/90 dark:text-canvas",
        link: "h-auto! rounded-sm px-0! text-primary underline-offset-4 hover:underline",
      },
      size: {
        sm: "h-7 px-2.5 text-xs",
        md: "h-9 px-3.5 text-sm",
        lg: "h-11 px-5 text-base",
        icon: "size-9",
        "icon-sm": "size-7",
      },
    },
    defaultVariants: { variant: "primary", size: "md" },
  },
)

type Variants = VariantProps<typeof buttonVariants>

/** A button. `pending` shows a spinner over the label, keeps the width and the focus, and takes no further press. */
export function Button({ className, variant, size, pending = false, disabled, children, type = "button", ...props }: Styled<ComponentProps<typeof BaseButton>> & Variants & { readonly pending?: boolean }) {
  return (
    <BaseButton type={type} className={cn(buttonVariants({ variant, size }), className)} disabled={disabled === true || pending} focusableWhenDisabled={pending} aria-busy={pending || undefined} {...props}>
      {pending ? (
        <>
          <span className="absolute inset-0 grid place-items-center">
            <Spinner />
          </span>
          <span className="inline-flex items-center gap-1.5 opacity-0">{children}</span>
        </>
      ) : (
        children
      )}
    </BaseButton>
  )
}

/** A link that looks like a button. */
export function ButtonLink({ className, variant, size, ...props }: ComponentProps<typeof Link> & Variants) {
  return <Link className={cn(buttonVariants({ variant, size }), className)} {...props} />
}
