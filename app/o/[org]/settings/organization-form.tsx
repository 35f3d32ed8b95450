"use client"

import { useTranslations } from "next-intl"
import type { OrganizationSettings } from "#lib/features/organizations/index.ts"
import { CardForm } from "#components/form/card-form.tsx"
import { FormChoice, FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { TimeZoneInput } from "#components/form/time-zone-input.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Card } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import { Switch } from "#components/ui/switch.tsx"
import { updateOrganization } from "./actions.ts"

export function OrganizationForm({ settings, timeZones }: { readonly settings: OrganizationSettings; readonly timeZones: readonly string[] }) {
  const t = useTranslations("organization")
  const errors = useTranslations("errors")
  const common = useTranslations("common")
  const { name, slug, timeZone, storesResponses, managedBy } = settings
  return (
    <Card>
      <CardForm action={updateOrganization.bind(null, slug)} doneMessage={t("settings.saved")} footer={managedBy === null ? <SubmitButton>{common("save")}</SubmitButton> : null}>
          {managedBy !== null && <Alert>{errors("managed", { file: managedBy })}</Alert>}
          <fieldset disabled={managedBy !== null} className="grid items-start gap-4 sm:grid-cols-2">
            <FormField name="name" label={t("name")}>
              <Input name="name" required maxLength={100} defaultValue={name} />
            </FormField>
            <FormField name="timeZone" label={t("timeZone")} description={t("timeZoneHint")}>
              <TimeZoneInput name="timeZone" timeZones={timeZones} defaultValue={timeZone} />
            </FormField>
            <FormChoice name="storesResponses" label={t("storesResponses")} description={t("storesResponsesHint")} className="sm:col-span-2">
              <Switch name="storesResponses" defaultChecked={storesResponses} disabled={managedBy !== null} />
            </FormChoice>
          </fieldset>
      </CardForm>
    </Card>
  )
}
