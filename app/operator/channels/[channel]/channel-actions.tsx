"use client"

import { Trash2 } from "lucide-react"
import { useTranslations } from "next-intl"
import { useRouter } from "next/navigation"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Form } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { enableChannel, removeChannel } from "../actions.ts"

/** Switches a channel off and on, or removes it. */
export function ChannelActions({ channelId, name, enabled }: { readonly channelId: string; readonly name: string; readonly enabled: boolean }) {
  const t = useTranslations("channels.detail")
  const router = useRouter()
  return (
    <>
      <Form action={enableChannel} doneMessage={t(enabled ? "disableDone" : "enableDone")}>
        <input type="hidden" name="channelId" value={channelId} />
        <input type="hidden" name="enabled" value={String(!enabled)} />
        <SubmitButton variant="outline">{t(enabled ? "disable" : "enable")}</SubmitButton>
      </Form>
      <ConfirmAction
        action={removeChannel}
        fields={{ channelId }}
        title={t("removeTitle", { name })}
        description={t("removeDescription")}
        confirmLabel={t("remove")}
        doneMessage={t("removed")}
        trigger={
          <Button variant="outline">
            <Trash2 aria-hidden />
            {t("remove")}
          </Button>
        }
        onDone={() => router.push("/operator/channels")}
      />
    </>
  )
}
