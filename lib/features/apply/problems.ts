import type { z } from "zod"
import type { Path } from "./document.ts"

export type Issue = { readonly path: Path; readonly message: string }

/** A schema of another feature names a message of the portal's by `errors.models.date`. */
const MESSAGE_KEY = "errors."

/** Zod's issues as one line each, in English, pointing at the field at fault. `describe` gives the text of a key below `errors`. */
export function issuesOf(error: z.ZodError, describe: (key: string) => string): readonly Issue[] {
  return error.issues.flatMap((issue) => flatten(issue, [])).map(({ path, message }) => ({
    path,
    message: message.startsWith(MESSAGE_KEY) ? describe(message.slice(MESSAGE_KEY.length)) : message,
  }))
}

function flatten(issue: z.core.$ZodIssue, around: Path): readonly Issue[] {
  const path = [...around, ...issue.path]
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], message: "unknown field" }))
  if (issue.code === "invalid_union") {
    const meant = meantBranch(issue.errors)
    if (meant !== undefined) return meant.flatMap((inner) => flatten(inner, path))
  }
  if (issue.code === "invalid_type") return [{ path, message: issue.message.endsWith("received undefined") ? "is missing" : `expected ${issue.expected}` }]
  return [{ path, message: issue.message }]
}

/** Of a union of a text and an object, the branch whose type the value has: the one that complains of something inside it. */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.find((issues) => !issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0))
}
