import { z } from "zod"
import type { ProviderDefinition, SettingField, Settings } from "./provider.ts"

/** What is wrong with a channel's settings: the first field at fault. `unknown`: its provider has no such setting. */
export type SettingsError = { readonly problem: "missing" | "pattern" | "unknown"; readonly field: string; readonly example: string }

export type SettingsResult = { readonly ok: true; readonly value: Settings } | { readonly ok: false; readonly error: SettingsError }

const text = ({ pattern, required }: SettingField) => {
  const schema = z.string().trim().regex(pattern)
  return required ? schema : schema.optional()
}

/** The settings of one provider's channels; those that have none take none. */
const schemaOf = (fields: readonly SettingField[]) => z.strictObject(Object.fromEntries(fields.map((field) => [field.name, text(field)])))

/** Checks what a file or a form says against what the provider's channels need. Empty texts are left out. */
export function readSettings({ settings: fields = [] }: ProviderDefinition, given: Readonly<Record<string, unknown>>): SettingsResult {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "" && value !== undefined))
  const parsed = schemaOf(fields).safeParse(said)
  if (parsed.success) return { ok: true, value: parsed.data as Settings }
  const [issue] = parsed.error.issues
  if (issue?.code === "unrecognized_keys") return { ok: false, error: { problem: "unknown", field: issue.keys[0] ?? "", example: "" } }
  const name = String(issue?.path[0] ?? "")
  const example = fields.find((field) => field.name === name)?.example ?? ""
  return { ok: false, error: { problem: name in said ? "pattern" : "missing", field: name, example } }
}
