import { Boxes, Search } from "lucide-react"
import type { Metadata } from "next"
import { getTranslations } from "next-intl/server"
import Form from "next/form"
import { notFound } from "next/navigation"
import { Button } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { Input } from "#components/ui/input.tsx"
import { container } from "#lib/server/container.ts"
import { currentPerson } from "#lib/server/session.ts"
import { mayReadPriceList } from "../may-read-price-list.ts"
import { PriceTable } from "./price-table.tsx"

type Props = { readonly searchParams: Promise<{ readonly q?: string | string[] }> }

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("landing")
  return { title: t("models") }
}

/** Every model that can be called and what it sells for. */
export default async function ModelsPage({ searchParams }: Props) {
  if (!(await mayReadPriceList())) notFound()
  const [t, { q }] = await Promise.all([getTranslations("landing.priceList"), searchParams])
  const search = typeof q === "string" ? q : ""
  const models = await container().priceList.list(await currentPerson(), search)
  return (
    <div className="mx-auto grid w-full max-w-6xl grid-cols-[minmax(0,1fr)] gap-6 px-4 py-10 sm:px-8 sm:py-14">
      <div className="grid gap-2">
        <h1 className="text-3xl font-semibold tracking-tight">{t("title")}</h1>
        <p className="max-w-2xl text-pretty text-muted-foreground">{t("description")}</p>
      </div>
      <PriceTable
        models={models}
        toolbar={
          <Form action="/models" role="search" className="flex w-full max-w-sm gap-2">
            <Input type="search" name="q" defaultValue={search} aria-label={t("search")} placeholder={t("search")} className="h-8" />
            <Button type="submit" variant="outline" size="icon" className="size-8" aria-label={t("find")}>
              <Search aria-hidden />
            </Button>
          </Form>
        }
        empty={search === "" ? <EmptyState icon={Boxes} title={t("none.title")} description={t("none.description")} /> : <EmptyState icon={Search} title={t("notFound.title", { search })} description={t("notFound.description")} />}
      />
    </div>
  )
}
