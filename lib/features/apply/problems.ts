import type { z } from "zod"
import type { Path } from "./document.ts"

export type Issue = { readonly path: Path; readonly message: string }

/** A schema of another feature names a message of the portal's by `errors.models.date`. */
const MESSAGE_KEY = "errors."
const MISSING = "is missing"
const UNKNOWN = "unknown field"

/** Zod's issues as one line each, in English, pointing at the field at fault. `describe` gives the text of a key below `errors`. */
export function issuesOf(error: z.ZodError, describe: (key: string) => string): readonly Issue[] {
  return error.issues.flatMap((issue) => flatten(issue, [])).map(({ path, message }) => ({
    path,
    message: message.startsWith(MESSAGE_KEY) ? describe(message.slice(MESSAGE_KEY.length)) : message,
  }))
}

function flatten(issue: z.core.$ZodIssue, around: Path): readonly Issue[] {
  const path = [...around, ...issue.path]
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], message: UNKNOWN }))
  if (issue.code === "invalid_union") {
    const meant = meantBranch(issue.errors, path)
    if (meant !== undefined) return meant
  }
  if (issue.code === "invalid_type") return [{ path, message: issue.message.endsWith("received undefined") ? MISSING : `expected ${issue.expected}` }]
  return [{ path, message: issue.message }]
}

/**
 * Of a union, the branch that was meant: of those for the value's own type the one whose fields are the value's, and of these the one that
 * has the least against them. A wrong value in a right field says less about what was meant than a field that is not there.
 */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[], path: Path): readonly Issue[] | undefined {
  const possible = branches.filter((issues) => !issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0))
  return possible
    .map((issues) => issues.flatMap((inner) => flatten(inner, path)))
    .map((issues) => ({ issues, misshapen: issues.filter((issue) => isOfShape(issue, path)).length }))
    .sort((a, b) => a.misshapen - b.misshapen || a.issues.length - b.issues.length)[0]?.issues
}

/** Whether it is about which fields the value at `path` has, and not about what is in them. */
const isOfShape = (issue: Issue, path: Path): boolean => issue.path.length === path.length + 1 && (issue.message === MISSING || issue.message === UNKNOWN)
