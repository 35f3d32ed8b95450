"use client"

import { useTranslations } from "next-intl"
import { FormField } from "#components/form/form-field.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { TimeZoneInput } from "#components/form/time-zone-input.tsx"
import { CardContent, CardFooter } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import { createOrganization } from "./actions.ts"

export function CreateOrganizationForm({ timeZones }: { readonly timeZones: readonly string[] }) {
  const t = useTranslations("organization")
  return (
    <Form action={createOrganization} onDone={({ slug }) => window.location.assign(`/o/${slug}`)} className="gap-0">
      <CardContent className="grid gap-4">
        <FormField name="name" label={t("name")}>
          <Input name="name" autoComplete="organization" required maxLength={100} autoFocus />
        </FormField>
        <FormField name="timeZone" label={t("timeZone")} description={t("timeZoneHint")}>
          <TimeZoneInput name="timeZone" timeZones={timeZones} />
        </FormField>
      </CardContent>
      <CardFooter>
        <SubmitButton>{t("new.action")}</SubmitButton>
      </CardFooter>
    </Form>
  )
}
