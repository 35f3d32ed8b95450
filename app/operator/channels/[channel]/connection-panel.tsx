"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Time } from "#components/format/time.tsx"
import { Card, CardContent } from "#components/ui/card.tsx"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelDetail, ConnectionResult } from "#lib/features/channels/index.ts"
import { testChannel } from "../actions.ts"
import { ConnectionResults } from "../connection-results.tsx"
import { EndpointPreview } from "../endpoint-preview.tsx"
import { previewOfEndpoints } from "../draft.ts"

/** Where the channel's calls go, how the last test went, and a button that makes one now. */
export function ConnectionPanel({ channel }: { readonly channel: ChannelDetail }) {
  const t = useTranslations("channels.detail")
  const [results, setResults] = useState<readonly ConnectionResult[]>([])
  return (
    <Card>
      <CardContent className="grid gap-4">
        <EndpointPreview preview={previewOfEndpoints(channel.endpoints, channel.models[0]?.upstream ?? "", findProvider(channel.providerId)?.hosting)} touched={false} />
        <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
          {channel.lastSuccessAt === null && channel.lastErrorAt === null && <dd className="text-muted-foreground sm:col-span-2">{t("never")}</dd>}
          {channel.lastSuccessAt !== null && (
            <>
              <dt className="text-muted-foreground">{t("lastSuccess")}</dt>
              <dd>
                <Time value={channel.lastSuccessAt} timeZone="UTC" />
              </dd>
            </>
          )}
          {channel.lastErrorAt !== null && (
            <>
              <dt className="text-muted-foreground">{t("lastError")}</dt>
              <dd className="grid gap-0.5">
                <Time value={channel.lastErrorAt} timeZone="UTC" />
                <span className="break-words">{channel.lastError}</span>
              </dd>
            </>
          )}
        </dl>
        {results.length > 0 && <ConnectionResults results={results} />}
        <Form action={testChannel} onDone={setResults} className="justify-items-start">
          <input type="hidden" name="channelId" value={channel.id} />
          <SubmitButton variant="outline">{t("testNow")}</SubmitButton>
        </Form>
      </CardContent>
    </Card>
  )
}
