import type { UsageQuery } from "#lib/features/usage/index.ts"

const defaults = { range: "30d", by: "model", measure: "cost" } as const

/** The address of the usage page with some of its query changed. Defaults are left out; a change of view begins its list anew. */
export function usageHref(slug: string, query: UsageQuery, change: Partial<UsageQuery>): string {
  const next = { ...query, before: undefined, ...change }
  const custom = next.range === "custom" ? { from: next.from, to: next.to } : {}
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ range: next.range, ...custom, by: next.by, measure: next.measure, mode: next.mode, before: next.before })) {
    if (value !== undefined && defaults[name as keyof typeof defaults] !== value) parameters.set(name, value)
  }
  const search = parameters.toString()
  return `/o/${slug}/usage${search === "" ? "" : `?${search}`}`
}
