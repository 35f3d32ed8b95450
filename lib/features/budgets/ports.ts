import type { QuotaWindowKind } from "#lib/quota/types.ts"

/** The window that contains `atMs`, in epoch milliseconds; `endMs` null where it never ends. */
export type WindowAt = (
  rule: { readonly window: QuotaWindowKind; readonly windowSeconds: number | null; readonly timeZone: string },
  atMs: number,
) => { readonly startMs: number; readonly endMs: number | null }
