import { useTranslations } from "next-intl"
import { setCeiling } from "#app/operator/models/actions.ts"
import { PriceTable } from "#app/operator/models/price.tsx"
import { PriceDialog } from "#app/operator/models/price-form.tsx"
import { Section } from "#components/page.tsx"
import { Button } from "#components/ui/button.tsx"
import { Card, CardContent } from "#components/ui/card.tsx"
import type { CeilingView } from "#lib/features/models/index.ts"

/** What models of a channel cost of which nothing is known, where the operator lets them be served at all. */
export function CeilingSection({ channelId, ceiling: { price }, editable }: { readonly channelId: string; readonly ceiling: CeilingView; readonly editable: boolean }) {
  const t = useTranslations("channels.ceiling")
  return (
    <Section
      title={t("title")}
      description={t("description")}
      actions={editable && <PriceDialog kind="ceiling" action={setCeiling} model={null} channelId={channelId} title={t("set")} price={price} markup={null} trigger={<Button variant="outline">{t("set")}</Button>} />}
    >
      <Card>
        <CardContent>{price === null ? <p className="text-sm text-muted-foreground">{t("none")}</p> : <PriceTable price={price} />}</CardContent>
      </Card>
    </Section>
  )
}
