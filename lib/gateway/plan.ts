import { type Hold, type HoldAmounts, partsOfHold, type QuotaDefinition, type QuotaPort, type Refusal, type SettledPart } from "#lib/quota/types.ts"
import { isRecord } from "#lib/wire/request-fields.ts"
import { tokensOf } from "./bill.ts"
import { outputTokensMax } from "./bound.ts"
import { worstTokens } from "./hold-amounts.ts"
import type { Admitted, Bill, Candidate } from "./stages.ts"

/*
 * The windows of a coding plan (DESIGN.md, "Channels and coding plans"): quotas on the credential, held before a call goes to it and
 * settled with the call. A plan whose window has nothing left is passed over for the next candidate, and is no refusal by itself.
 */

/**
 * Takes what this call uses of the candidate's plan. Null: it has no windows. A refusal: one of them is used up, or, without a
 * database, cannot be known to have something left.
 */
export function holdPlan(admitted: Admitted, { credential }: Candidate, quota: QuotaPort): Hold | Refusal | null | Promise<Hold | Refusal> {
  const windows = credential?.plan?.windows ?? []
  if (windows.length === 0) return null
  const amounts = planAmounts(admitted)
  const asked = windows.filter(({ unit }) => amounts[unit] !== undefined)
  return asked.length === 0 ? null : quota.hold(asked, amounts, admitted.receivedAtMs)
}

function planAmounts(admitted: Admitted): HoldAmounts {
  const { call, model } = admitted
  return {
    requests: { worst: 1n, minimum: 1n },
    tokens: { worst: worstTokens(admitted, outputTokensMax(call, model)), minimum: worstTokens(admitted, 0) },
    ...(isPrompt(call.fields) && { prompts: { worst: 1n, minimum: 1n } }),
  }
}

/**
 * Whether a call is a person's prompt: a tool's result, sent back by the agent, goes on with the prompt before it, as the vendors of
 * plans count (Zhipu, coding plan FAQ: one prompt is several model calls).
 */
export function isPrompt({ messages, input, contents }: Readonly<Record<string, unknown>>): boolean {
  const last = [messages, input, contents].find((list) => Array.isArray(list))?.at(-1) as unknown
  if (!isRecord(last)) return true
  if (last["role"] === "tool" || last["role"] === "function" || String(last["type"]).endsWith("_output")) return false
  const parts: unknown = last["content"] ?? last["parts"]
  return !Array.isArray(parts) || !parts.some((part) => isRecord(part) && (part["type"] === "tool_result" || "functionResponse" in part))
}

/** What is charged to the plan if nothing is ever heard of the call again. */
export const planParts = (plan: Hold | null): readonly SettledPart[] => (plan === null ? [] : partsOfHold(plan))

/** The attempt brought nothing: its plan is as it was. */
export function releasePlan(plan: Hold | null, quota: QuotaPort): void {
  if (plan !== null) quota.settle(plan, {})
}

/** What the call used of the plan that answered it. */
export function settlePlan(plan: Hold | null, bill: Bill, quota: QuotaPort): readonly SettledPart[] {
  if (plan === null) return []
  const used = plan.parts.some(({ quota: { unit } }) => unit === "prompts") ? { prompts: 1n } : {}
  return quota.settle(plan, { requests: 1n, tokens: tokensOf(bill), ...used }).parts
}

const unitWords = { requests: "requests", prompts: "prompts", tokens: "tokens", nanoUsd: "nano-dollars", concurrent: "calls at a time" } as const satisfies Record<QuotaDefinition["unit"], string>

/** The router's words for a plan that is passed over. */
export function planWords({ reason, quota, used, held, resetsAt }: Refusal): string {
  if (reason === "unavailable") return "its plan's window cannot be read at the moment"
  const until = resetsAt === null ? "" : ` until ${new Date(resetsAt).toISOString()}`
  return `its plan's ${quota.limit} ${unitWords[quota.unit]} are used up${until} (${used} used, ${held} held)`
}
