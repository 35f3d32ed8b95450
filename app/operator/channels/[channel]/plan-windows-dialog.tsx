"use client"

import { Plus, X } from "lucide-react"
import { useTranslations } from "next-intl"
import { useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { useForm } from "#components/form/form.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Button } from "#components/ui/button.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import type { PlanWindow } from "#lib/features/channels/index.ts"
import { setPlanWindows } from "../actions.ts"

const units = ["prompts", "requests", "tokens"] as const satisfies readonly PlanWindow["unit"][]
const lengths = { "5h": "every5h", day: "everyDay", week: "everyWeek", month: "everyMonth" } as const
const WINDOWS_MAX = 4

/** The windows of one key's plan, as many as vendors have, sent as one field of JSON. */
export function PlanWindowsDialog({ channelId, credentialId, windows }: { readonly channelId: string; readonly credentialId: string; readonly windows: readonly PlanWindow[] }) {
  const t = useTranslations("channels.plan")
  const [open, setOpen] = useState(false)
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger render={<Button variant="outline" size="sm" />}>{t("edit")}</DialogTrigger>
      <DialogContent title={t("editTitle")} description={t("editDescription")}>
        <DialogForm action={setPlanWindows} doneMessage={t("savedDone")} onDone={() => setOpen(false)}>
          <input type="hidden" name="channelId" value={channelId} />
          <input type="hidden" name="credentialId" value={credentialId} />
          <DialogBody>
            <WindowRows initial={windows} />
          </DialogBody>
          <DialogFooter>
            <SubmitButton>{t("save")}</SubmitButton>
          </DialogFooter>
        </DialogForm>
      </DialogContent>
    </Dialog>
  )
}

function WindowRows({ initial }: { readonly initial: readonly PlanWindow[] }) {
  const t = useTranslations("channels.plan")
  const { fields, clear } = useForm()
  const [rows, setRows] = useState<readonly PlanWindow[]>(initial.length === 0 ? [{ every: "5h", limit: 600, unit: "prompts" }] : initial)
  const write = (next: readonly PlanWindow[]) => {
    setRows(next)
    clear("windows")
  }
  const change = (at: number, part: Partial<PlanWindow>) => write(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  return (
    <div className="grid gap-3">
      <input type="hidden" name="windows" value={JSON.stringify(rows)} />
      <ul className="grid gap-2">
        {rows.map((row, at) => (
          <li key={at} className="grid grid-cols-[minmax(0,0.8fr)_minmax(0,1fr)_minmax(0,1.1fr)_auto] items-center gap-2">
            <Input type="number" inputMode="numeric" className="[appearance:textfield]" min={1} step={1} required aria-label={t("limit")} value={String(row.limit)} onChange={(event) => change(at, { limit: Math.max(1, Math.floor(event.target.valueAsNumber) || 1) })} />
            <Select aria-label={t("unitLabel")} value={row.unit} options={units.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))} onValueChange={(unit) => change(at, { unit: unit as PlanWindow["unit"] })} />
            <Select aria-label={t("everyLabel")} value={row.every} options={lengthOptions(row.every, (key) => t(key))} onValueChange={(every) => change(at, { every })} />
            <Button variant="ghost" size="icon-sm" aria-label={t("remove", { number: at + 1 })} onClick={() => write(rows.filter((_, index) => index !== at))}>
              <X aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      {fields["windows"] !== undefined && (
        <p role="alert" className="text-xs text-destructive">
          {fields["windows"]}
        </p>
      )}
      {rows.length < WINDOWS_MAX && (
        <Button variant="outline" size="sm" className="w-fit" onClick={() => write([...rows, { every: "week", limit: 1_000, unit: "prompts" }])}>
          <Plus aria-hidden />
          {t("add")}
        </Button>
      )}
    </div>
  )
}

/** The usual lengths, and the one that a file or an earlier form chose. */
function lengthOptions(current: string, say: (key: (typeof lengths)[keyof typeof lengths]) => string) {
  const usual = Object.entries(lengths).map(([value, key]) => ({ value, label: say(key) }))
  return usual.some(({ value }) => value === current) ? usual : [...usual, { value: current, label: current }]
}
