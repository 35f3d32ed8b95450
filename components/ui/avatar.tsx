import { cn } from "./cn.ts"

const hues = [163, 205, 250, 300, 345, 22, 76, 122] as const

/** One hue per name, always the same. */
function hueOf(name: string): number {
  let sum = 0
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return hues[sum % hues.length] ?? hues[0]
}

/** The first letters of two words, or the first sign of a Chinese name. */
export function initials(name: string): string {
  const [first = "", second = ""] = name.trim().split(/[\s._@-]+/)
  const signs = [first, second].map((word) => [...word][0] ?? "")
  return (/^\p{Script=Han}/u.test(first) ? (signs[0] ?? "") : signs.join("")).toUpperCase()
}

/** A round (person) or square (organization) sign in place of a picture. Decorative: the name stands beside it. */
export function Avatar({ name, square = false, className }: { readonly name: string; readonly square?: boolean; readonly className?: string }) {
  const hue = hueOf(name)
  return (
    <span
      aria-hidden
      className={cn("grid size-7 shrink-0 place-items-center overflow-hidden text-[0.6875rem] font-semibold", square ? "rounded-lg" : "rounded-full", "bg-[oklch(0.92_0.05_var(--hue))] text-[oklch(0.36_0.09_var(--hue))] dark:bg-[oklch(0.36_0.06_var(--hue))] dark:text-[oklch(0.9_0.06_var(--hue))]", className)}
      style={{ "--hue": hue } as React.CSSProperties}
    >
      {initials(name)}
    </span>
  )
}
