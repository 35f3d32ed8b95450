import type { QuotaWindowKind } from "#lib/quota/types.ts"

/** The bounds of the window that contains `nowMs`, in epoch milliseconds; `endMs` null where it never ends. */
export type WindowBounds = (window: QuotaWindowKind, timeZone: string, nowMs: number) => { readonly startMs: number; readonly endMs: number | null }
