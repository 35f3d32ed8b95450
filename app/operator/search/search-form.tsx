"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { CardForm } from "#components/form/card-form.tsx"
import { FormChoice, FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { Switch } from "#components/ui/switch.tsx"
import { findSearchProvider, searchProviders } from "#lib/catalog/search-providers.ts"
import type { SearchView } from "#lib/features/search/index.ts"
import { saveSearch } from "./actions.ts"

const options = searchProviders.map(({ id, name }) => ({ value: id, label: name }))

/** Sets up the search, or changes it; one that a file manages is only shown. A key that is there stays where none is entered. */
export function SearchForm({ search }: { readonly search: SearchView | null }) {
  const t = useTranslations("search")
  const [providerId, choose] = useState<string>(search?.provider ?? "tavily")
  const provider = findSearchProvider(providerId)
  const isManaged = search !== null && search.managedBy !== null
  const isOwn = provider?.baseUrl === null
  const kept = search?.provider === providerId ? search.lastFour : null
  const address = search?.provider === providerId && search.baseUrl !== provider?.baseUrl ? search.baseUrl : ""
  return (
    <CardForm action={saveSearch} doneMessage={t("saved")} footer={isManaged ? null : <SubmitButton>{t("save")}</SubmitButton>}>
      <FormField name="provider" label={t("provider")}>
        <Select name="provider" value={providerId} onValueChange={choose} options={options} />
      </FormField>
      {provider?.auth !== null && (
        <FormField name="apiKey" label={t("key")} description={kept === null ? undefined : t("keyKept", { lastFour: kept })} optional={kept !== null}>
          <Input key={providerId} name="apiKey" type="password" required={kept === null} autoComplete="off" spellCheck={false} />
        </FormField>
      )}
      <FormField name="baseUrl" label={t("address")} description={t(isOwn ? "addressOwn" : "addressHint")} optional={!isOwn}>
        <Input key={providerId} name="baseUrl" required={isOwn} defaultValue={address} placeholder={provider?.baseUrl ?? undefined} autoComplete="off" autoCapitalize="none" spellCheck={false} inputMode="url" className="font-mono text-xs md:text-xs" />
      </FormField>
      <FormField name="price" label={t("price")} description={t("priceHint")}>
        <InputGroup before="$" name="price" required inputMode="decimal" autoComplete="off" defaultValue={search?.price} />
      </FormField>
      <FormChoice name="allowPrivateNetwork" label={t("private")} description={t("privateHint")}>
        <Switch key={providerId} name="allowPrivateNetwork" defaultChecked={search?.provider === providerId ? search.allowPrivateNetwork : false} />
      </FormChoice>
    </CardForm>
  )
}
