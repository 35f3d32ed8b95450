"use client"

import { useTranslations } from "next-intl"
import { ConfirmAction } from "#components/form/confirm-action.tsx"
import { Button } from "#components/ui/button.tsx"
import { revokeOtherSessions } from "./actions.ts"

export function RevokeOthers() {
  const t = useTranslations("account.sessions")
  return <ConfirmAction action={revokeOtherSessions} fields={{}} title={t("othersTitle")} description={t("othersDescription")} confirmLabel={t("othersAction")} doneMessage={t("othersDone")} trigger={<Button variant="outline" size="sm">{t("othersAction")}</Button>} />
}
