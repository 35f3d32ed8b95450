"use client"

import { CalendarRange } from "lucide-react"
import { useTranslations } from "next-intl"
import Form from "next/form"
import { Button } from "#components/ui/button.tsx"
import { cn } from "#components/ui/cn.ts"
import { Input } from "#components/ui/input.tsx"
import { Label } from "#components/ui/label.tsx"
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx"
import { type Segment, SegmentedLinks } from "#components/ui/segmented.tsx"

type RangePickerProps = {
  readonly presets: readonly Segment[]
  /** The page's own address, which the two days are sent to, and the rest of its query. */
  readonly action: string
  readonly keep: Readonly<Record<string, string>>
  readonly first: string
  readonly last: string
  readonly today: string
  /** Set where the range is none of the presets. */
  readonly customText: string | null
}

/** Ranges up to today at a press, or any two days. */
export function RangePicker({ presets, action, keep, first, last, today, customText }: RangePickerProps) {
  const t = useTranslations("usage.range")
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SegmentedLinks label={t("label")} segments={presets} />
      <Popover>
        <PopoverTrigger render={<Button variant="outline" size="sm" className={cn("h-8", customText !== null && "border-primary text-primary")} />}>
          <CalendarRange aria-hidden />
          {customText ?? t("custom")}
        </PopoverTrigger>
        <PopoverContent align="end">
          <Form action={action} scroll={false} className="grid gap-3">
            {Object.entries(keep).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            <input type="hidden" name="range" value="custom" />
            <div className="grid gap-1.5">
              <Label htmlFor="usage-from">{t("from")}</Label>
              <Input id="usage-from" type="date" name="from" required max={today} defaultValue={first} />
            </div>
            <div className="grid gap-1.5">
              <Label htmlFor="usage-to">{t("to")}</Label>
              <Input id="usage-to" type="date" name="to" required max={today} defaultValue={last} />
            </div>
            <Button type="submit">{t("apply")}</Button>
          </Form>
        </PopoverContent>
      </Popover>
    </div>
  )
}
