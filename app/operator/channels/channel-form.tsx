"use client"

import { useTranslations } from "next-intl"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { toast } from "sonner"
import { CardForm } from "#components/form/card-form.tsx"
import { useForm } from "#components/form/form.tsx"
import { FormChoice, FormField } from "#components/form/form-field.tsx"
import { SubmitButton } from "#components/form/submit-button.tsx"
import { Alert } from "#components/ui/alert.tsx"
import { ButtonLink } from "#components/ui/button.tsx"
import { Input } from "#components/ui/input.tsx"
import { Select } from "#components/ui/select.tsx"
import { Switch } from "#components/ui/switch.tsx"
import { isCloudScheme } from "#lib/catalog/auth.ts"
import type { Endpoints, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { ChannelDetail, TestedSave } from "#lib/features/channels/index.ts"
import type { FormAction } from "#lib/kernel/form-state.ts"
import type { Dialect } from "#lib/wire/dialect.ts"
import { ConnectionResults } from "./connection-results.tsx"
import { looksPrivate, presetOf, previewOf } from "./draft.ts"
import { EndpointPreview } from "./endpoint-preview.tsx"
import { type ModelEntry, ModelsField } from "./models-field.tsx"
import type { Preset } from "./presets.ts"

type ChannelFormProps = {
  readonly action: FormAction<TestedSave>
  readonly presets: readonly Preset[]
  /** The channel that is changed; null: a new one. */
  readonly channel: ChannelDetail | null
}

/** Dialects that a channel may be given a further address for. BR has its own providers. */
const furtherDialects = ["cc", "rs", "am", "gm"] as const satisfies readonly Dialect[]

/** Makes or changes a channel. Saving makes a real call; where that fails, what came of it is shown and may be overruled. */
export function ChannelForm({ action, presets, channel }: ChannelFormProps) {
  const t = useTranslations("channels")
  const router = useRouter()
  const draft = useChannelDraft(channel)
  const [tested, setTested] = useState<TestedSave | null>(null)
  const done = (save: TestedSave) => {
    setTested(save)
    if (save.channelId === null) return
    toast.success(t(channel === null ? "form.created" : "form.updated"))
    if (channel === null) router.push(`/operator/channels/${save.channelId}`)
  }
  return (
    <CardForm
      action={action}
      onDone={done}
      fieldsClassName="gap-6"
      footer={
        <>
          {channel === null && (
            <ButtonLink href="/operator/channels" variant="outline">
              {t("form.cancel")}
            </ButtonLink>
          )}
          <SubmitButton>{t(channel === null ? "form.create" : "form.save")}</SubmitButton>
        </>
      }
    >
      {channel !== null && <input type="hidden" name="channelId" value={channel.id} />}
      <AddressFields draft={draft} presets={presets} />
      <FormField name="name" label={t("form.name")} description={t("form.nameHint")}>
        <Input name="name" required maxLength={80} value={draft.name} onChange={(event) => draft.setName(event.target.value)} />
      </FormField>
      {channel === null && <SecretField providerId={draft.providerId} />}
      <ModelsField value={draft.models} onChange={draft.setModels} suggestions={presets.find(({ id }) => id === draft.providerId)?.suggestions ?? []} />
      <RoutingFields draft={draft} channel={channel} />
      <FailedTest save={tested} />
    </CardForm>
  )
}

type Draft = ReturnType<typeof useChannelDraft>

/** What is typed so far. Until somebody chooses a provider themselves, the pasted URL chooses it. */
function useChannelDraft(channel: ChannelDetail | null) {
  const [chosen, setChosen] = useState(channel?.providerId ?? null)
  const [baseUrl, setBaseUrl] = useState(channel?.baseUrl ?? "")
  const [extra, setExtra] = useState<Endpoints>(channel === null ? {} : furtherOf(channel))
  const [settings, setSettings] = useState<Settings>(channel?.settings ?? {})
  const [typedName, setName] = useState(channel?.name ?? null)
  const [models, setModels] = useState<readonly ModelEntry[]>(channel?.models ?? [])
  const [privateNetwork, setPrivateNetwork] = useState(channel?.allowPrivateNetwork ?? null)
  const [resale, setResale] = useState(channel?.resale ?? null)
  const providerId = chosen ?? presetOf(baseUrl) ?? "zhipu-coding"
  const provider = findProvider(providerId)
  const preview = previewOf({ providerId, baseUrl, extra, settings, model: models[0]?.upstream ?? "" })
  const isPrivate = preview.ok && preview.urls.some(({ url }) => looksPrivate(url))
  return {
    providerId,
    provider,
    recognized: chosen === null && baseUrl !== "" && presetOf(baseUrl) !== null,
    choose: (id: string) => setChosen(id),
    baseUrl,
    type: (url: string) => {
      setBaseUrl(url)
      // A URL that plainly belongs to another vendor moves the choice, even one made by hand: a pasted plan should just work.
      const preset = presetOf(url)
      if (channel === null && preset !== null && !preset.endsWith("-compatible")) setChosen(null)
    },
    extra,
    setExtra: (dialect: Dialect, url: string) => setExtra({ ...extra, [dialect]: url }),
    settings,
    setSetting: (name: keyof Settings, value: string) => setSettings({ ...settings, [name]: value }),
    name: typedName ?? provider?.id ?? "",
    setName,
    models,
    setModels,
    preview,
    isPrivate,
    // What runs beside Turnpike is meant to be reached there.
    allowPrivateNetwork: privateNetwork ?? provider?.local === true,
    setPrivateNetwork,
    resale: resale ?? provider?.codingPlan !== true,
    setResale,
  }
}

/** The addresses of a channel that its base URL does not give by itself. */
function furtherOf(channel: ChannelDetail): Endpoints {
  const plain = previewOf({ providerId: channel.providerId, baseUrl: channel.baseUrl ?? "", extra: {}, settings: channel.settings, model: "" })
  const given = new Set(plain.ok ? plain.urls.map(({ dialect }) => dialect) : [])
  return Object.fromEntries(Object.entries(channel.endpoints).filter(([dialect]) => !given.has(dialect as Dialect)))
}

function AddressFields({ draft, presets }: { readonly draft: Draft; readonly presets: readonly Preset[] }) {
  const t = useTranslations("channels.form")
  const dialect = useTranslations("channels.dialect")
  const own = draft.provider?.endpoints.cc ?? Object.values(draft.provider?.endpoints ?? {})[0]
  const isCloud = draft.provider?.hosting !== undefined
  return (
    <div className="grid gap-4">
      <FormField name="baseUrl" label={t("baseUrl")} description={t(isCloud ? "baseUrlCloudHint" : own === undefined ? "baseUrlHint" : "baseUrlPresetHint")} optional={isCloud || own !== undefined}>
        <Input name="baseUrl" value={draft.baseUrl} onChange={(event) => draft.type(event.target.value)} placeholder={own} autoComplete="off" autoCapitalize="none" spellCheck={false} inputMode="url" className="font-mono text-xs md:text-xs" />
      </FormField>
      <FormField name="provider" label={t("provider")} description={draft.recognized ? t("recognized") : undefined}>
        <Select name="provider" value={draft.providerId} onValueChange={draft.choose} options={presets.map(({ id, name }) => ({ value: id, label: name }))} />
      </FormField>
      <SettingFields draft={draft} />
      <EndpointPreview preview={draft.preview} touched={draft.baseUrl !== ""} />
      {draft.isPrivate && (
        <FormChoice name="allowPrivateNetwork" label={t("private")} description={t("privateHint")}>
          <Switch name="allowPrivateNetwork" checked={draft.allowPrivateNetwork} onCheckedChange={draft.setPrivateNetwork} />
        </FormChoice>
      )}
      <details className="group text-sm">
        <summary className="focus-ring w-fit cursor-pointer rounded-sm text-muted-foreground hover:text-foreground">{t("further")}</summary>
        <div className="mt-3 grid gap-3">
          <p className="text-xs text-muted-foreground">{t("furtherHint")}</p>
          {furtherDialects.map((code) => (
            <FormField key={code} name={`endpoints.${code}`} label={dialect(code)} optional>
              <Input name={`endpoints.${code}`} value={draft.extra[code] ?? ""} onChange={(event) => draft.setExtra(code, event.target.value)} autoComplete="off" spellCheck={false} className="font-mono text-xs md:text-xs" />
            </FormField>
          ))}
        </div>
      </details>
    </div>
  )
}

/** What only this provider's channels say: a region, a project, a version. */
function SettingFields({ draft }: { readonly draft: Draft }) {
  const t = useTranslations("channels.form")
  const fields = draft.provider?.settings ?? []
  if (fields.length === 0) return null
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {fields.map(({ name, required, example }) => (
        <FormField key={name} name={`settings.${name}`} label={t(`setting.${name}`)} description={t(`settingHint.${name}`, { example })} optional={!required}>
          <Input
            name={`settings.${name}`}
            required={required}
            maxLength={200}
            value={draft.settings[name] ?? ""}
            onChange={(event) => draft.setSetting(name, event.target.value)}
            placeholder={example}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="font-mono text-xs md:text-xs"
          />
        </FormField>
      ))}
    </div>
  )
}

function SecretField({ providerId }: { readonly providerId: string }) {
  const t = useTranslations("channels.form")
  const provider = findProvider(providerId)
  const scheme = provider?.auth.default
  return (
    <FormField
      name="credentials"
      label={t("key")}
      optional={provider?.hosting === undefined && (provider?.local === true || provider?.endpoints.cc === undefined)}
      description={
        <>
          {scheme !== undefined && isCloudScheme(scheme) && `${t(`keyHintFor.${scheme}`)} `}
          {t("keyHint")}
          {provider?.keysUrl !== undefined && (
            <>
              {" "}
              <a href={provider.keysUrl} target="_blank" rel="noreferrer" className="text-primary underline-offset-4 hover:underline">
                {t("keysLink")}
              </a>
            </>
          )}
        </>
      }
    >
      <Input name="credentials" type="password" autoComplete="off" spellCheck={false} maxLength={16_384} className="font-mono" />
    </FormField>
  )
}

function RoutingFields({ draft, channel }: { readonly draft: Draft; readonly channel: ChannelDetail | null }) {
  const t = useTranslations("channels.form")
  return (
    <div className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField name="priority" label={t("priority")} description={t("priorityHint")}>
          <Input name="priority" type="number" inputMode="numeric" min={0} max={1000} required defaultValue={channel?.priority ?? 10} />
        </FormField>
        <FormField name="weight" label={t("weight")} description={t("weightHint")}>
          <Input name="weight" type="number" inputMode="numeric" min={1} max={1000} required defaultValue={channel?.weight ?? 1} />
        </FormField>
      </div>
      <input type="hidden" name="resale" value={String(draft.resale)} />
      <FormChoice name="resale" label={t("resale")} description={draft.provider?.codingPlan === true ? t("resalePlanHint") : t("resaleHint")}>
        <Switch checked={draft.resale} onCheckedChange={draft.setResale} />
      </FormChoice>
    </div>
  )
}

/** Why nothing was kept, and the way around it. */
function FailedTest({ save }: { readonly save: TestedSave | null }) {
  const t = useTranslations("channels.form")
  const { pending } = useForm()
  if (pending) return <p role="status" className="text-sm text-muted-foreground">{t("testing")}</p>
  if (save === null || save.channelId !== null) return null
  return (
    <Alert tone="danger" title={t("failed")}>
      <div className="grid gap-3">
        <p>{t("failedHint")}</p>
        <ConnectionResults results={save.results} />
        <SubmitButton variant="outline" size="sm" name="anyway" value="on" className="w-fit">
          {t("saveAnyway")}
        </SubmitButton>
      </div>
    </Alert>
  )
}
