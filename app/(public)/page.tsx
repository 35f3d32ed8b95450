import { Blocks, Building2, Gauge, Receipt as ReceiptIcon, Route, Server } from "lucide-react"
import { getTranslations } from "next-intl/server"
import { FirstCall } from "#components/first-call/first-call.tsx"
import { Receipt } from "#components/landing/receipt.tsx"
import { Road } from "#components/landing/road.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { SANDBOX_MODEL } from "#lib/catalog/models.ts"
import { container } from "#lib/server/container.ts"
import { publicOrigin } from "#lib/server/origin.ts"
import { currentPerson } from "#lib/server/session.ts"
import { mayReadPriceList } from "./may-read-price-list.ts"
import { sandboxReceipt } from "./sandbox-receipt.ts"

const features = [
  { id: "compatible", icon: Blocks },
  { id: "budgets", icon: Gauge },
  { id: "exact", icon: ReceiptIcon },
  { id: "failover", icon: Route },
  { id: "tenants", icon: Building2 },
  { id: "own", icon: Server },
] as const

const steps = ["key", "call", "cost"] as const

/** What this is, and the first call. */
export default async function LandingPage() {
  const t = await getTranslations("landing")
  return (
    <>
      <Hero />
      <section aria-labelledby="features" className="border-t border-border bg-canvas">
        <div className="mx-auto grid w-full max-w-6xl gap-10 px-4 py-16 sm:px-8 sm:py-20">
          <h2 id="features" className="max-w-2xl text-2xl font-semibold tracking-tight text-balance sm:text-3xl">
            {t("features.title")}
          </h2>
          <ul className="grid gap-px overflow-hidden rounded-2xl border border-border bg-border sm:grid-cols-2 lg:grid-cols-3">
            {features.map(({ id, icon: Icon }) => (
              <li key={id} className="grid content-start gap-2 bg-background p-6">
                <Icon aria-hidden className="size-5 text-primary" />
                <h3 className="mt-1 text-sm font-semibold">{t(`features.${id}.title`)}</h3>
                <p className="text-sm text-pretty text-muted-foreground">{t(`features.${id}.text`)}</p>
              </li>
            ))}
          </ul>
        </div>
      </section>
      <section aria-labelledby="steps" className="border-t border-border">
        <div className="mx-auto grid w-full max-w-6xl items-start gap-10 px-4 py-16 sm:px-8 sm:py-20 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
          <div className="grid gap-8">
            <h2 id="steps" className="text-2xl font-semibold tracking-tight text-balance sm:text-3xl">
              {t("steps.title")}
            </h2>
            <ol className="grid gap-6">
              {steps.map((step, index) => (
                <li key={step} className="grid grid-cols-[2rem_1fr] gap-x-3">
                  <span aria-hidden className="grid size-7 place-items-center rounded-full border border-border text-xs font-semibold text-muted-foreground tabular-nums">
                    {index + 1}
                  </span>
                  <div className="grid gap-0.5">
                    <h3 className="text-sm leading-7 font-semibold">{t(`steps.${step}.title`)}</h3>
                    <p className="text-sm text-pretty text-muted-foreground">{t(`steps.${step}.text`)}</p>
                  </div>
                </li>
              ))}
            </ol>
          </div>
          <FirstCall origin={publicOrigin(container().env)} model={SANDBOX_MODEL} />
        </div>
      </section>
    </>
  )
}

async function Hero() {
  const [t, person, showsModels] = await Promise.all([getTranslations("landing"), currentPerson(), mayReadPriceList()])
  const receipt = sandboxReceipt()
  const isOpen = container().env.TURNPIKE_SIGNUP === "open"
  return (
    <section className="relative overflow-hidden">
      <Road />
      <div className="relative mx-auto grid w-full max-w-6xl items-center gap-12 px-4 pt-16 pb-20 sm:px-8 sm:pt-24 sm:pb-28 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="grid gap-6">
          <h1 className="text-4xl leading-[1.1] font-semibold tracking-tight text-balance sm:text-5xl">{t("hero.title")}</h1>
          <p className="max-w-xl text-base text-pretty text-muted-foreground sm:text-lg">{t("hero.text")}</p>
          <div className="flex flex-wrap gap-3">
            {person !== null ? (
              <ButtonLink href="/enter" size="lg">
                {t("open")}
              </ButtonLink>
            ) : (
              <>
                {isOpen && (
                  <ButtonLink href="/sign-up" size="lg">
                    {t("signUp")}
                  </ButtonLink>
                )}
                <ButtonLink href="/sign-in" size="lg" variant={isOpen ? "outline" : "primary"}>
                  {t("signIn")}
                </ButtonLink>
              </>
            )}
            {showsModels && (
              <ButtonLink href="/models" size="lg" variant="outline">
                {t("models")}
              </ButtonLink>
            )}
          </div>
        </div>
        {receipt !== null && (
          <Receipt
            title={t("receipt.title")}
            note={t("receipt.note")}
            lines={receipt.lines.map(({ unit, ...line }) => ({ ...line, label: unit === "input" ? t("receipt.input") : t("receipt.output") }))}
            totalNanoUsd={receipt.totalNanoUsd}
            className="w-full max-w-md justify-self-center lg:justify-self-end"
          />
        )}
      </div>
    </section>
  )
}
