import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { formatUsd } from "#lib/kernel/nano-usd.ts"
import type { QuotaDefinition, QuotaScope, QuotaUnit, QuotaWindowKind, Refusal } from "#lib/quota/types.ts"
import type { Principal } from "./types.ts"

const scopes = {
  wallet: "The organization's balance",
  organization: "The organization's budget",
  project: "The project's budget",
  member: "Your budget",
  key: "This key's budget",
  model: "The budget for this model",
  credential: "The channel's plan",
} as const satisfies Record<QuotaScope, string>

const rateScopes = {
  wallet: "The organization's limit",
  organization: "The organization's limit",
  project: "The project's limit",
  member: "Your limit",
  key: "This key's limit",
  model: "The limit for this model",
  credential: "The channel's limit",
} as const satisfies Record<QuotaScope, string>

const counted = (amount: bigint, noun: string): string => `${amount} ${noun}${amount === 1n ? "" : "s"}`

const units = {
  nanoUsd: (amount) => `$${formatUsd(amount)}`,
  requests: (amount) => counted(amount, "request"),
  tokens: (amount) => counted(amount, "token"),
  prompts: (amount) => counted(amount, "prompt"),
  concurrent: (amount) => `${counted(amount, "call")} at a time`,
} as const satisfies Record<QuotaUnit, (amount: bigint) => string>

const windows = {
  total: "in total",
  day: "a day",
  week: "a week",
  month: "a month",
  minute: "a minute",
  rolling: "in its window",
  none: "",
} as const satisfies Record<QuotaWindowKind, string>

const RETRY_SECONDS_DEFAULT = 1

/** Whose call it is, as far as a refusal has to know. */
type Caller = Pick<Principal, "allowanceRenewsAtMs">

/**
 * A refusal in words: which limit, its amount, what is used and held of it, and when it resets; of a wallet, when its plan's allowance is
 * given anew. Money that is used up is 402 and not to be retried (W-127); everything else passes with time and is 429 with `retry-after`.
 */
export function refusalError(refusal: Refusal, nowMs: number, caller: Caller): GatewayError {
  const { quota, reason, resetsAt } = refusal
  if (reason === "unavailable") {
    return { code: "unavailable", message: "Limits cannot be checked at the moment. Try again shortly.", detail: `lease of ${quota.id} cannot grow`, retryAfterSeconds: RETRY_SECONDS_DEFAULT }
  }
  const message = `${sentence(refusal)}${whenMore(refusal, caller)}`
  if (quota.unit === "nanoUsd") return { code: "insufficient_quota", message, detail: quota.id }
  const seconds = resetsAt === null ? RETRY_SECONDS_DEFAULT : Math.max(1, Math.ceil((resetsAt - nowMs) / 1000))
  return { code: "rate_limit_exceeded", message, detail: quota.id, retryAfterSeconds: seconds }
}

/** Why a stream that had begun could not go on: which limit, and when it resets. Its amount is used up but for what calls in progress hold. */
export function limitReached(refusal: Refusal, caller: Caller): GatewayError {
  const { quota, reason } = refusal
  const whose = quota.unit === "nanoUsd" ? scopes[quota.scope] : rateScopes[quota.scope]
  if (reason === "unavailable") return { code: "unavailable", message: `${whose} of ${limitOf(quota)} cannot be checked at the moment, and the answer had used up what was set aside for it.`, detail: quota.id }
  return { code: quota.unit === "nanoUsd" ? "insufficient_quota" : "rate_limit_exceeded", message: `${whose} of ${limitOf(quota)} is used up.${whenMore(refusal, caller)}`, detail: quota.id }
}

/** A wallet has no window that could end: what comes again is the allowance in it. */
function whenMore({ quota, resetsAt }: Refusal, { allowanceRenewsAtMs }: Caller): string {
  if (resetsAt !== null) return ` It resets at ${new Date(resetsAt).toISOString()}.`
  if (quota.scope === "wallet" && allowanceRenewsAtMs !== null) return ` The plan's allowance is renewed at ${new Date(allowanceRenewsAtMs).toISOString()}.`
  return ""
}

function sentence({ quota, used, held, asked }: Refusal): string {
  const amount = units[quota.unit]
  if (quota.unit === "concurrent") return `${rateScopes[quota.scope]} of ${amount(quota.limit)} is reached: ${held} ${held === 1n ? "is" : "are"} running.`
  const whose = quota.unit === "nanoUsd" ? scopes[quota.scope] : rateScopes[quota.scope]
  const inProgress = held > 0n ? ` and ${amount(held)} held by calls in progress` : ""
  return `${whose} of ${limitOf(quota)} does not cover this call: ${amount(used)} used${inProgress}; this call needs at least ${amount(asked)}.`
}

const limitOf = ({ unit, limit, window }: QuotaDefinition): string => `${units[unit](limit)} ${windows[window]}`.trim()
