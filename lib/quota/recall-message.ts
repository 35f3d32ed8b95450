import { isId } from "#lib/kernel/ids.ts"
import type { WindowKey } from "./lease-store.ts"

/** The channel of PostgreSQL's notifications on which processes are asked to give back what they do not need. */
export const RECALL_CHANNEL = "turnpike_recall"

/** `quota_a@1700000000000 quota_b@0` */
export const encodeRecall = (windows: readonly WindowKey[]): string => windows.map((one) => `${one.quotaId}@${one.windowStart}`).join(" ")

/** What is not of that form is left out: anybody with the database's password can notify. */
export function decodeRecall(payload: string): readonly WindowKey[] {
  return payload.split(" ").flatMap((text) => {
    const [quotaId = "", start = ""] = text.split("@")
    return isId("quota", quotaId) && /^\d{1,15}$/.test(start) ? [{ quotaId, windowStart: Number(start) }] : []
  })
}
