import type { z } from "zod"

export type DescribedIssue = {
  /** The input's name: `budget.amount`. */
  readonly field: string
  /** A message below `errors`. */
  readonly key: string
  readonly params?: Readonly<Record<string, string | number>>
}

/** A schema names a message of its own by `{ error: "errors.keys.badName" }`. */
const OWN_KEY = "errors."

/** What is wrong with an input, as a message that exists in both languages; zod's own words are English. */
export function describeIssue(issue: z.core.$ZodIssue): DescribedIssue {
  const field = issue.path.join(".")
  if (issue.message.startsWith(OWN_KEY)) return { field, key: issue.message.slice(OWN_KEY.length) }
  switch (issue.code) {
    case "invalid_type":
      return { field, key: issue.input === undefined ? "input.required" : "input.invalid" }
    case "too_small":
      if (issue.origin !== "string") return { field, key: "input.least", params: { minimum: String(issue.minimum) } }
      return issue.minimum === 1 ? { field, key: "input.required" } : { field, key: "input.tooShort", params: { minimum: Number(issue.minimum) } }
    case "too_big":
      if (issue.origin !== "string") return { field, key: "input.most", params: { maximum: String(issue.maximum) } }
      return { field, key: "input.tooLong", params: { maximum: Number(issue.maximum) } }
    case "invalid_format":
      return { field, key: issue.format === "email" ? "input.email" : "input.invalid" }
    case "invalid_value":
    case "invalid_key":
    case "invalid_element":
    case "invalid_union":
    case "unrecognized_keys":
    case "not_multiple_of":
    case "custom":
      return { field, key: "input.invalid" }
  }
}
