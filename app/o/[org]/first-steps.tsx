import { Check } from "lucide-react"
import { useTranslations } from "next-intl"
import Link from "next/link"
import type { ReactNode } from "react"
import { FirstCall } from "#components/first-call/first-call.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { Card } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"

type FirstStepsProps = {
  readonly slug: string
  readonly origin: string
  readonly model: string
  readonly hasKey: boolean
  readonly hasTestCalls: boolean
  readonly mayCreateKeys: boolean
}

/** The way to the first call, for an organization that has made none this month. */
export function FirstSteps({ slug, origin, model, hasKey, hasTestCalls, mayCreateKeys }: FirstStepsProps) {
  const t = useTranslations("overview.first")
  return (
    <Card className="grid grid-cols-[minmax(0,1fr)] gap-6 px-5 py-5">
      <div className="grid gap-1">
        <h2 className="text-base font-semibold">{t("title")}</h2>
        <p className="text-sm text-muted-foreground">{t("description")}</p>
      </div>
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <Step number={1} isDone={hasKey} title={t("key.title")} text={t("key.text")}>
          {!hasKey && mayCreateKeys && (
            <ButtonLink href={`/o/${slug}/keys`} size="sm" className="mt-2 justify-self-start">
              {t("key.action")}
            </ButtonLink>
          )}
        </Step>
        <Step number={2} isDone={false} title={t("call.title")} text={t("call.text")}>
          <div className="mt-2">
            <FirstCall origin={origin} model={model} />
          </div>
        </Step>
        <Step
          number={3}
          isDone={false}
          title={t("cost.title")}
          text={
            hasTestCalls
              ? t.rich("cost.test", {
                  link: (text) => (
                    <Link href={`/o/${slug}/usage?mode=test`} className="focus-ring rounded-sm text-primary underline-offset-4 hover:underline">
                      {text}
                    </Link>
                  ),
                })
              : t("cost.text")
          }
        />
      </ol>
    </Card>
  )
}

function Step({ number, isDone, title, text, children }: { readonly number: number; readonly isDone: boolean; readonly title: string; readonly text: ReactNode; readonly children?: ReactNode }) {
  const t = useTranslations("overview.first")
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-3">
      <span className={cn("grid size-7 place-items-center rounded-full border text-xs font-semibold tabular-nums", isDone ? "border-primary bg-primary text-primary-foreground" : "border-border text-muted-foreground")}>
        {isDone ? <Check aria-label={t("done")} className="size-4" /> : <span aria-hidden>{number}</span>}
      </span>
      <div className="grid grid-cols-[minmax(0,1fr)]">
        <h3 className="text-sm leading-7 font-semibold">{title}</h3>
        <p className="text-sm text-muted-foreground">{text}</p>
        {children}
      </div>
    </li>
  )
}
