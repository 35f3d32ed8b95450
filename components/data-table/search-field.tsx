import { Search } from "lucide-react"
import { useTranslations } from "next-intl"
import Form from "next/form"
import { Button } from "#components/ui/button.tsx"
import { Input } from "#components/ui/input.tsx"

type SearchFieldProps = {
  /** The page's own address: what was found has one, too. */
  readonly action: string
  readonly value: string
  /** What is searched for, in words: “Find a key”. */
  readonly label: string
  /** The rest of the page's query that stays. */
  readonly keep?: Readonly<Record<string, string>>
}

/** From how many rows on a list has a search. */
export const SEARCH_ROWS_MIN = 8

/** Searches a list: asks the page again with `q`. */
export function SearchField({ action, value, label, keep = {} }: SearchFieldProps) {
  const t = useTranslations("common.search")
  return (
    <Form action={action} role="search" className="flex w-full max-w-sm gap-2">
      {Object.entries(keep).map(([name, kept]) => (
        <input key={name} type="hidden" name={name} value={kept} />
      ))}
      <Input type="search" name="q" defaultValue={value} maxLength={200} aria-label={label} placeholder={label} className="h-8" />
      <Button type="submit" variant="outline" size="icon" className="size-8" aria-label={t("find")}>
        <Search aria-hidden />
      </Button>
    </Form>
  )
}
