"use client"

import { useTranslations } from "next-intl"
import { type ReactElement, useState } from "react"
import { DialogForm } from "#components/form/dialog-form.tsx"
import { useForm } from "#components/form/form.tsx"
import { FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { Dialog, DialogBody, DialogContent, DialogFooter, DialogTrigger } from "#components/ui/dialog.tsx"
import { Input, InputGroup } from "#components/ui/input.tsx"
import { RadioCard, RadioGroup } from "#components/ui/radio.tsx"
import type { PriceView } from "#lib/features/models/index.ts"
import type { FormAction } from "#lib/kernel/form-state.ts"
import type { UsageUnit } from "#lib/kernel/usage.ts"

const mainUnits = ["input", "cacheRead", "output"] as const satisfies readonly UsageUnit[]
const furtherUnits = ["cacheWrite5m", "cacheWrite1h", "reasoning", "inputAudio", "outputAudio", "inputImage", "outputImage", "image", "second", "character", "search", "call"] as const satisfies readonly UsageUnit[]

type Mode = "price" | "markup" | "clear"

/** Whose price it is, where it is not everybody's. */
export type Buyer = { readonly organizationId: string } | { readonly planId: string }

type PriceDialogProps = {
  readonly kind: "cost" | "sell" | "ceiling"
  readonly action: FormAction
  /** Null: asked for, with `models` to choose from. A ceiling is of no model. */
  readonly model: string | null
  readonly models?: readonly string[]
  readonly buyer?: Buyer
  /** A cost of one channel alone; null: of the model. */
  readonly channelId: string | null
  readonly title: string
  /** What holds now, to begin from. */
  readonly price: PriceView | null
  readonly markup: string | null
  readonly trigger: ReactElement
}

const clearHints = { sell: "modeClearSell", cost: "modeClearCost", ceiling: "modeClearCeiling" } as const

/** Sets a price from a day on. What holds now is what the fields begin with. */
export function PriceDialog({ kind, action, model, models = [], buyer, channelId, title, price, markup, trigger }: PriceDialogProps) {
  const t = useTranslations("models.form")
  const [open, setOpen] = useState(false)
  const [mode, setMode] = useState<Mode>(markup === null ? "price" : "markup")
  const formId = `price-${kind}-${channelId ?? "all"}-${buyer === undefined ? "all" : Object.values(buyer).join("-")}-${model ?? "new"}`
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger render={trigger} />
      <DialogContent title={title} description={model ?? undefined}>
        <DialogForm id={formId} action={action} doneMessage={t("saved")} onDone={() => setOpen(false)}>
          <DialogBody>
            {kind !== "ceiling" && (model === null ? <ModelField models={models} listId={`${formId}-models`} /> : <input type="hidden" name="model" value={model} />)}
            {buyer !== undefined && Object.entries(buyer).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
            {channelId !== null && <input type="hidden" name="channelId" value={channelId} />}
            <RadioGroup name="mode" value={mode} onValueChange={(value) => setMode(value as Mode)} aria-label={t("mode")}>
              <RadioCard value="price" label={t("modePrice")} description={t("modePriceHint")} />
              {kind === "sell" && <RadioCard value="markup" label={t("modeMarkup")} description={t("modeMarkupHint")} />}
              <RadioCard value="clear" label={t("modeClear")} description={t(buyer === undefined ? clearHints[kind] : "modeClearOwn")} />
            </RadioGroup>
            {mode === "price" && <PriceFields price={price} />}
            {mode === "markup" && (
              <FormField name="markup" label={t("markup")} description={t("markupHint")}>
                <Input name="markup" required inputMode="decimal" autoComplete="off" defaultValue={markup ?? "1.20"} />
              </FormField>
            )}
            <FormField name="effective" label={t("effective")} description={t("effectiveHint")} optional>
              <Input name="effective" type="date" />
            </FormField>
          </DialogBody>
          <DialogFooter>
            <SubmitButton>{t("save")}</SubmitButton>
          </DialogFooter>
        </DialogForm>
      </DialogContent>
    </Dialog>
  )
}

function ModelField({ models, listId }: { readonly models: readonly string[]; readonly listId: string }) {
  const t = useTranslations("plans.own")
  return (
    <FormField name="model" label={t("model")} description={t("modelHint")}>
      <Input name="model" required maxLength={200} list={listId} autoComplete="off" spellCheck={false} className="font-mono text-xs md:text-xs" />
      <datalist id={listId}>
        {models.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </FormField>
  )
}

function PriceFields({ price }: { readonly price: PriceView | null }) {
  const t = useTranslations("models.form")
  const { fields } = useForm()
  return (
    <div className="grid gap-3">
      {(price?.variants === true || price?.images !== undefined) && <Alert tone="warning">{t("replaces")}</Alert>}
      <div className="grid gap-3 sm:grid-cols-3">
        {mainUnits.map((unit) => (
          <UnitField key={unit} unit={unit} price={price} />
        ))}
      </div>
      {fields["price"] !== undefined && <p className="text-xs text-destructive">{fields["price"]}</p>}
      <p className="text-xs text-muted-foreground">{t("absent")}</p>
      <details className="text-sm" open={furtherUnits.some((unit) => price?.units[unit] !== undefined)}>
        <summary className="focus-ring w-fit cursor-pointer rounded-sm text-muted-foreground hover:text-foreground">{t("more")}</summary>
        <div className="mt-3 grid gap-3 sm:grid-cols-3">
          {furtherUnits.map((unit) => (
            <UnitField key={unit} unit={unit} price={price} />
          ))}
        </div>
      </details>
    </div>
  )
}

function UnitField({ unit, price }: { readonly unit: UsageUnit; readonly price: PriceView | null }) {
  const t = useTranslations("models.unit")
  return (
    <FormField name={`price.${unit}`} label={t(unit)}>
      <InputGroup before="$" name={`price.${unit}`} inputMode="decimal" autoComplete="off" defaultValue={price?.units[unit]} />
    </FormField>
  )
}
