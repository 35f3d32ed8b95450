import { Boxes } from "lucide-react"
import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import { notFound } from "next/navigation"
import { NothingFound } from "#components/data-table/nothing-found.tsx"
import { SearchField } from "#components/data-table/search-field.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { searchOf } from "#lib/kernel/search.ts"
import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"
import { mayReadPriceList } from "../may-read-price-list.ts"
import { PriceTable } from "./price-table.tsx"

type Props = { readonly searchParams: Promise<{ readonly q?: string | string[] }> }

export async function generateMetadata(): Promise<Metadata> {
  if (!(await mayReadPriceList())) return {}
  const t = await getTranslations("landing")
  return { title: t("models") }
}

/** Every model that can be called and what it sells for. */
export default async function ModelsPage({ searchParams }: Props) {
  if (!(await mayReadPriceList())) notFound()
  const [t, { q }] = await Promise.all([getTranslations("landing.priceList"), searchParams])
  const search = searchOf(q)
  const models = await container().priceList.list(await currentPerson(), search)
  return (
    <div className="mx-auto grid w-full max-w-6xl grid-cols-[minmax(0,1fr)] gap-6 px-4 py-10 sm:px-8 sm:py-14">
      <div className="grid gap-2">
        <h1 className="text-3xl font-semibold tracking-tight">{t("title")}</h1>
        <p className="max-w-2xl text-pretty text-muted-foreground">{t("description")}</p>
      </div>
      <PriceTable
        models={models}
        toolbar={<SearchField action="/models" value={search} label={t("search")} />}
        empty={search === "" ? <EmptyState icon={Boxes} title={t("none.title")} description={t("none.description")} /> : <NothingFound search={search} allHref="/models" />}
      />
    </div>
  )
}
