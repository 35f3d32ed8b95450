import { type ClassValue, clsx } from "clsx"
import { twMerge } from "tailwind-merge"

/** Joins class names; of two Tailwind classes for the same property the later one wins. */
export const cn = (...inputs: readonly ClassValue[]): string => twMerge(clsx(inputs))

/** The props of a Base UI part, with `className` as a plain string (theirs may also be a function, which cannot be merged). */
export type Styled<Props> = Omit<Props, "className"> & { readonly className?: string | undefined }
