/** What every popup (select, menu, popover, combobox) looks like, and an item in it. */
export const popupClass = "popup-motion rounded-xl border border-border bg-popover text-popover-foreground shadow-lg outline-none"

export const itemClass =
  "relative flex cursor-default items-center gap-2 rounded-lg px-2 py-1.5 text-sm outline-none select-none data-highlighted:bg-accent data-highlighted:text-accent-foreground data-disabled:pointer-events-none data-disabled:opacity-50 [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4"
