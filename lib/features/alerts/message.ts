import { formatUsd, nanoUsd } from "#lib/kernel/nano-usd.ts"
import { windowAt } from "#lib/quota/windows.ts"
import type { DueDelivery } from "./repository.ts"

/** What an alert says, for programs. Amounts are exact decimal dollars; moments are ISO 8601. Fields are only ever added. */
export type AlertMessage = {
  readonly type: "limit.reached"
  readonly id: string
  readonly createdAt: string
  readonly organization: { readonly id: string; readonly slug: string; readonly name: string }
  readonly limit: {
    readonly scope: DueDelivery["scope"]
    /** Of the project, member or key; null: the organization's own. */
    readonly name: string | null
    readonly period: DueDelivery["window"]
    readonly limitUsd: string
    readonly usedUsd: string
    /** 80 or 100. */
    readonly percent: number
    /** Null: the period never ends. */
    readonly resetsAt: string | null
  }
}

export function alertMessage(due: DueDelivery): AlertMessage {
  const { organization, window, windowStart } = due
  const { endMs } = windowAt({ window, windowSeconds: null, timeZone: organization.timeZone }, windowStart.getTime())
  return {
    type: "limit.reached",
    id: due.alertId,
    createdAt: due.createdAt.toISOString(),
    organization: { id: organization.id, slug: organization.slug, name: organization.name },
    limit: {
      scope: due.scope,
      name: due.name,
      period: window,
      limitUsd: formatUsd(nanoUsd(due.limit)),
      usedUsd: formatUsd(nanoUsd(due.used)),
      percent: due.threshold,
      resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    },
  }
}
