import type { EachUnit, TokenUnit, Usage, UsageUnit } from "#lib/kernel/usage.ts"

/**
 * What a call around chat is counted in, as far as its request says. Calls of chat have none: their prompt and their bound on output
 * say it all.
 */
export type Work = {
  /** The units by which vendors bill it. A price that names none of them would let it pass for nothing. */
  readonly billedIn: readonly UsageUnit[]
  /** What is used whatever the provider reports, because the request itself says so: the characters of a speech. */
  readonly counted: Usage
  /** What is most likely used, of units that the price counts and the provider may not report (W-98). */
  readonly likely: Usage
  /** What is used at most: the hold. */
  readonly atMost: WorkBound
  /** Images of which variants may come back; absent: of none. */
  readonly images?: ImageVariants
}

export type WorkBound = {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Which token units the provider may report. */
  readonly units: readonly TokenUnit[]
  readonly each?: { readonly [U in EachUnit]?: number }
}

export type ImageVariants = {
  /** The vendor's names for what was asked for, the most exact first: `1024x1024/high`, then `1024x1024`. Empty: the provider chooses. */
  readonly asked: readonly string[]
  /** Whether no other variant than these can come back. */
  readonly exact: boolean
  /** The request's field that leaves the choice to the provider, or that names the variant: for a refusal. */
  readonly param: string
}
