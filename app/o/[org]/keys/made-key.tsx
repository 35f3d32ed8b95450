"use client"

import { useTranslations } from "next-intl"
import { FirstCall } from "#components/first-call/first-call.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Button } from "#components/ui/button.tsx"
import { CopyButton } from "#components/ui/copy-button.tsx"
import { DialogBody, DialogClose, DialogContent, DialogFooter } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import type { MadeKey as Made } from "#lib/features/keys/index.ts"

/** What the first call with a new key needs. `liveModel` null: no channel serves a model yet. */
export type FirstCallFacts = { readonly origin: string; readonly liveModel: string | null; readonly testModel: string }

/** A new secret, shown once, and the first call with it. */
export function MadeKeyContent({ made, facts, description }: { readonly made: Made; readonly facts: FirstCallFacts; readonly description?: string }) {
  const t = useTranslations("keys.made")
  const model = made.test ? facts.testModel : (made.models[0] ?? facts.liveModel)
  return (
    <DialogContent title={t("title", { name: made.name })} description={description} className="max-w-2xl">
      <DialogBody className="grid-cols-[minmax(0,1fr)]">
        <Alert tone="warning">{t("once")}</Alert>
        <div className="flex items-center gap-2">
          <Input readOnly value={made.secret} aria-label={t("secret")} className="font-mono text-xs md:text-xs" onFocus={(event) => event.target.select()} />
          <CopyButton value={made.secret} label={t("copy")} variant="primary" />
        </div>
        {model === null ? <p className="text-sm text-muted-foreground">{t("noModel")}</p> : <FirstCall origin={facts.origin} model={model} secret={made.secret} />}
      </DialogBody>
      <DialogFooter>
        <DialogClose render={<Button variant="outline" />}>{t("close")}</DialogClose>
      </DialogFooter>
    </DialogContent>
  )
}
