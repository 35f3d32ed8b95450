import type { GatewayError } from "#lib/kernel/error-codes.ts"

/** Collects what is wrong with a request while it is read: the first problem counts, and reading goes on with something harmless. */
export type Problems = {
  /** `path`: the field at fault; `cure`: what it must be. */
  add(path: string, cure: string): void
  /** The field is right, but only a channel of the client's own dialect can serve it. */
  needsOwnDialect(path: string, what: string): void
  readonly first: GatewayError | null
}

export function createProblems(): Problems {
  let first: GatewayError | null = null
  return {
    add(path, cure) {
      first ??= { code: "invalid_request", message: `${path}: ${cure}`, param: path }
    },
    needsOwnDialect(path, what) {
      first ??= { code: "unsupported_parameter", message: `${path} cannot be used here: ${what} can only go to a channel that speaks OpenAI responses.`, param: path }
    },
    get first() {
      return first
    },
  }
}
