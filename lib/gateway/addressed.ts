import type { Addressed } from "#lib/wire/call.ts"
import type { Operation } from "./paths.ts"
import { queryOf } from "./secret.ts"

/** What a call's path and query say of it beside its body. Google streams events to clients that ask for them, and else one JSON list. */
export function addressedOf(operation: Extract<Operation, { readonly kind: "call" | "count" }>, path: string): Addressed | undefined {
  if (operation.dialect !== "gm") return undefined
  const { model } = operation
  if (operation.kind === "count") return { model, streamed: false }
  const { streamed } = operation
  return streamed && queryOf(path)?.get("alt") !== "sse" ? { model, streamed, streamForm: "list" } : { model, streamed }
}
