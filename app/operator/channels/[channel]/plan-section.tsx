import { useLocale, useTranslations } from "next-intl"
import { Money } from "#components/format/amount.tsx"
import { Time } from "#components/format/time.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Meter } from "#components/limit/meter.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Card, CardContent } from "#components/ui/card.tsx"
import type { PlanView, PlanWindowView } from "#lib/features/channels/index.ts"
import { retryPlan } from "../actions.ts"
import { PlanWindowsDialog } from "./plan-windows-dialog.tsx"

/** What is left of a coding plan, key by key, and what it saved this month. */
export function PlanSection({ channelId, plan, editable }: { readonly channelId: string; readonly plan: PlanView; readonly editable: boolean }) {
  const t = useTranslations("channels.plan")
  return (
    <div className="grid gap-3">
      <Card>
        <CardContent className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
          <span className="text-sm">{t("saved")}</span>
          <Money amount={plan.savedNanoUsd} className="text-lg font-medium" />
          <span className="basis-full text-xs text-muted-foreground">{t("savedHint")}</span>
        </CardContent>
      </Card>
      {plan.keys.map((key) => (
        <PlanKey key={key.credentialId} channelId={channelId} plan={key} editable={editable} />
      ))}
    </div>
  )
}

function PlanKey({ channelId, plan, editable }: { readonly channelId: string; readonly plan: PlanView["keys"][number]; readonly editable: boolean }) {
  const t = useTranslations("channels.plan")
  const { exhaustedUntil } = plan
  return (
    <Card>
      <CardContent className="grid gap-4">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h3 className="font-mono text-xs">{t("key", { lastFour: plan.lastFour })}</h3>
          {editable && <PlanWindowsDialog channelId={channelId} credentialId={plan.credentialId} windows={plan.windows} />}
        </div>
        {exhaustedUntil !== null && (
          <Alert
            tone="warning"
            actions={
              <Form action={retryPlan}>
                <input type="hidden" name="channelId" value={channelId} />
                <input type="hidden" name="credentialId" value={plan.credentialId} />
                <SubmitButton variant="outline" size="sm">
                  {t("retry")}
                </SubmitButton>
              </Form>
            }
          >
            {t.rich("exhausted", { time: () => <Time value={exhaustedUntil} timeZone="UTC" /> })}
          </Alert>
        )}
        {plan.current.length === 0 ? (
          <p className="text-sm text-muted-foreground">{t("noWindows")}</p>
        ) : (
          <ul className="grid gap-4 sm:grid-cols-2">
            {plan.current.map((window) => (
              <li key={`${window.unit} ${window.every}`}>
                <PlanWindowBar window={window} />
              </li>
            ))}
          </ul>
        )}
      </CardContent>
    </Card>
  )
}

function PlanWindowBar({ window: { unit, every, limit, used, held, resetsAt, spentAt } }: { readonly window: PlanWindowView }) {
  const t = useTranslations("channels.plan")
  const number = new Intl.NumberFormat(useLocale())
  const label = t("window", { unit: t(`unit.${unit}`), every: usePeriod(every) })
  const usedOf = t("usedOf", { used: number.format(used), limit: number.format(limit) })
  const reserved = t("held", { held: number.format(held) })
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate text-sm">{label}</span>
        <span className="text-xs whitespace-nowrap text-muted-foreground tabular-nums">{usedOf}</span>
      </div>
      <Meter label={label} used={used} held={held} limit={limit} valueText={`${usedOf}, ${reserved}`} />
      <p className="flex justify-between gap-3 text-xs text-muted-foreground">
        <span>{t.rich("resets", { time: () => <Time value={resetsAt} timeZone="UTC" /> })}</span>
        {held > 0n && <span className="whitespace-nowrap">{reserved}</span>}
      </p>
      {spentAt !== null && <p className="text-xs">{t.rich("spent", { time: () => <Time value={spentAt} timeZone="UTC" /> })}</p>}
    </div>
  )
}

/** “every 5 h”, of a window's short form. */
function usePeriod(every: string): string {
  const t = useTranslations("channels.plan.every")
  if (every === "day" || every === "week" || every === "month") return t(every)
  return t(every.endsWith("h") ? "hours" : "minutes", { count: Number(every.slice(0, -1)) })
}
