"use client"

import { Plus, X } from "lucide-react"
import { useTranslations } from "next-intl"
import { type KeyboardEvent, useId, useState } from "react"
import { useForm } from "#components/form/form.tsx"
import { Button } from "#components/ui/button.tsx"
import { Input } from "#components/ui/input.tsx"

export type ModelEntry = { readonly name: string; readonly upstream: string }

const QUICK_MAX = 8

type ModelsFieldProps = {
  readonly value: readonly ModelEntry[]
  readonly onChange: (models: readonly ModelEntry[]) => void
  readonly suggestions: readonly string[]
}

/**
 * The models of a channel: names are typed or pasted (several at once), or taken from what the provider offers; each may be called
 * something else upstream. Sent as one field of JSON.
 */
export function ModelsField({ value, onChange, suggestions }: ModelsFieldProps) {
  const t = useTranslations("channels.form")
  const { fields, clear } = useForm()
  const [typed, setTyped] = useState("")
  const listId = useId()
  const errorId = useId()
  const error = fields["models"]

  const add = (text: string) => {
    const known = new Set(value.map((model) => model.name))
    const names = [...new Set(text.split(/[\s,;]+/).filter((name) => name !== "" && !known.has(name)))]
    if (names.length > 0) onChange([...value, ...names.map((name) => ({ name, upstream: name }))])
    setTyped("")
    clear("models")
  }
  const addTyped = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return
    event.preventDefault()
    add(typed)
  }
  const change = (at: number, entry: Partial<ModelEntry>) => onChange(value.map((model, i) => (i === at ? { ...model, ...entry } : model)))
  const left = suggestions.filter((name) => !value.some((model) => model.upstream === name))

  return (
    <fieldset className="grid gap-2" aria-describedby={error === undefined ? undefined : errorId}>
      <legend className="mb-1.5 text-sm font-medium">{t("models")}</legend>
      <input type="hidden" name="models" value={JSON.stringify(value)} />
      {value.length > 0 && (
        <ul className="grid gap-2">
          {value.map((model, at) => (
            <li key={at} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
              <Input aria-label={t("modelName")} value={model.name} onChange={(event) => change(at, { name: event.target.value.trim() })} className="font-mono text-xs md:text-xs" />
              <div className="col-start-1 flex items-center gap-2 sm:col-start-auto">
                <span className="shrink-0 text-xs text-muted-foreground">{t("upstreamName")}</span>
                <Input
                  aria-label={t("upstreamNameOf", { model: model.name })}
                  value={model.upstream}
                  onChange={(event) => change(at, { upstream: event.target.value.trim() })}
                  className="font-mono text-xs md:text-xs"
                />
              </div>
              <Button variant="ghost" size="icon-sm" aria-label={t("removeModel", { model: model.name })} className="col-start-2 row-start-1 sm:col-start-auto sm:row-start-auto" onClick={() => onChange(value.filter((_, i) => i !== at))}>
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex gap-2">
        <Input
          aria-label={t("addModel")}
          aria-invalid={error !== undefined || undefined}
          placeholder={t("addModelPlaceholder")}
          value={typed}
          list={listId}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={addTyped}
          onBlur={() => add(typed)}
          onPaste={(event) => {
            event.preventDefault()
            add(`${typed}${event.clipboardData.getData("text")}`)
          }}
          className="font-mono text-xs md:text-xs"
        />
        <datalist id={listId}>
          {left.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button variant="outline" onClick={() => add(typed)}>
          {t("add")}
        </Button>
      </div>
      {error !== undefined && (
        <p id={errorId} className="text-xs text-destructive">
          {error}
        </p>
      )}
      {left.length > 0 && (
        <div className="flex flex-wrap gap-1.5" role="group" aria-label={t("suggestions")}>
          {left.slice(0, QUICK_MAX).map((name) => (
            <Button key={name} variant="secondary" size="sm" className="font-mono" onClick={() => add(name)}>
              <Plus aria-hidden className="size-3" />
              {name}
            </Button>
          ))}
        </div>
      )}
      <p className="text-xs text-muted-foreground">{t("modelsHint")}</p>
    </fieldset>
  )
}
