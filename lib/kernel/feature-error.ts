/**
 * How a feature's service refuses. `key` names a message below `errors` in messages/*.json and `params` fill it, so that the same
 * refusal can be shown in a form, printed by the command line and answered by the management API.
 *
 * `notFound` also stands for what the actor may not see or do: what you may not read and what does not exist look the same.
 */
export type FeatureError = {
  readonly kind: "notFound" | "invalid" | "conflict" | "managed" | "unavailable"
  readonly key: string
  /** The input field at fault, as a path. */
  readonly field?: string
  readonly params?: Readonly<Record<string, string | number>>
}

export const notFound: FeatureError = { kind: "notFound", key: "notFound" }
