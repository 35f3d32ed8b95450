"use client"

import { useTranslations } from "next-intl"
import { useState } from "react"
import { FirstCall } from "#components/first-call/first-call.tsx"
import { Card } from "#components/ui/card.tsx"
import { Field } from "#components/ui/field.tsx"
import { Select } from "#components/ui/select.tsx"

type ConnectPanelProps = {
  readonly origin: string
  /** What live keys can call; may be empty. */
  readonly models: readonly string[]
  /** What test keys can call. */
  readonly testModel: string
}

/** The snippets, for the model that the reader chooses. */
export function ConnectPanel({ origin, models, testModel }: ConnectPanelProps) {
  const t = useTranslations("connect")
  const [model, setModel] = useState(models[0] ?? testModel)
  const options = [...models.map((name) => ({ value: name, label: name })), { value: testModel, label: testModel, hint: t("testKeysOnly") }]
  return (
    <Card className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-5 px-5 py-5">
      <Field label={t("model")} className="max-w-xs">
        <Select options={options} value={model} onValueChange={setModel} />
      </Field>
      <FirstCall origin={origin} model={model} />
    </Card>
  )
}
