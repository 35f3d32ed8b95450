"use client"

import { useTranslations } from "next-intl"
import { DataTable } from "#components/data-table/data-table.tsx"
import { Form } from "#components/form/form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Time } from "#components/format/time.tsx"
import { Status } from "#components/ui/badge.tsx"
import { CardContent } from "#components/ui/card.tsx"
import { Input } from "#components/ui/input.tsx"
import type { ChannelDetail } from "#lib/features/channels/index.ts"
import { addCredential, enableCredential } from "../actions.ts"

type Credential = ChannelDetail["credentials"][number]

/** The channel's keys: never shown again but for their last four characters, switched off and on, and added to. */
export function CredentialPool({ channelId, credentials, editable }: { readonly channelId: string; readonly credentials: readonly Credential[]; readonly editable: boolean }) {
  const t = useTranslations("channels.detail")
  const columns = [
    {
      id: "key",
      header: t("key"),
      cell: ({ lastFour }: Credential) => <span className="font-mono text-xs">{lastFour === "" ? t("hidden") : `•••• ${lastFour}`}</span>,
    },
    { id: "added", header: t("added"), wideOnly: true, cell: ({ createdAt }: Credential) => <Time value={createdAt} timeZone="UTC" shape="date" /> },
    {
      id: "state",
      header: t("keyState"),
      cell: ({ disabledAt }: Credential) => <Status tone={disabledAt === null ? "success" : "neutral"}>{t(disabledAt === null ? "keyEnabled" : "keyDisabled")}</Status>,
    },
    ...(editable ? [{ id: "actions", header: <span className="sr-only">{t("actions")}</span>, align: "right" as const, cell: (credential: Credential) => <EnableCredential channelId={channelId} credential={credential} /> }] : []),
  ]
  return (
    <div className="grid gap-3">
      <DataTable<Credential>
        label={t("keys")}
        rows={credentials}
        rowKey={(credential) => credential.id}
        empty={<CardContent className="text-sm text-muted-foreground">{t("noKeys")}</CardContent>}
        columns={columns}
      />
      {editable && (
        <Form action={addCredential} resetOnDone doneMessage={t("keyAdded")} className="sm:grid-cols-[minmax(0,24rem)_auto] sm:items-start">
          <input type="hidden" name="channelId" value={channelId} />
          <FormField name="secret" label={t("addKey")} description={t("addKeyHint")}>
            <Input name="secret" type="password" required autoComplete="off" spellCheck={false} className="font-mono" />
          </FormField>
          <SubmitButton variant="outline" className="w-fit sm:mt-[1.625rem]">
            {t("addKey")}
          </SubmitButton>
        </Form>
      )}
    </div>
  )
}

function EnableCredential({ channelId, credential }: { readonly channelId: string; readonly credential: Credential }) {
  const t = useTranslations("channels.detail")
  const enabled = credential.disabledAt === null
  return (
    <Form action={enableCredential} className="justify-items-end">
      <input type="hidden" name="channelId" value={channelId} />
      <input type="hidden" name="credentialId" value={credential.id} />
      <input type="hidden" name="enabled" value={String(!enabled)} />
      <SubmitButton variant="ghost" size="sm" aria-label={t(enabled ? "disableKey" : "enableKey", { lastFour: credential.lastFour })}>
        {t(enabled ? "disable" : "enable")}
      </SubmitButton>
    </Form>
  )
}
