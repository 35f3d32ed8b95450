import type { FeatureError } from "#lib/kernel/feature-error.ts"
import type { Path } from "./document.ts"

/**
 * Why a file cannot be applied, found out in the middle of it. Thrown, because that is how a transaction is undone; the service
 * catches it and answers with a value.
 */
export class Refusal extends Error {
  readonly path: Path
  /** Where another feature refused: its words are looked up by the service. */
  readonly error: FeatureError | null
  constructor(path: Path, reason: string | FeatureError) {
    super(typeof reason === "string" ? reason : reason.key)
    this.path = path
    this.error = typeof reason === "string" ? null : reason
  }
}

/** Thrown to undo a dry run. */
export class DryRunEnd extends Error {}
