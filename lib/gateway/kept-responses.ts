import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Operation } from "./paths.ts"
import type { GatewayPorts, ResponseOwner } from "./ports.ts"

/*
 * Answers that were kept, in OpenAI's shapes (https://platform.openai.com/docs/api-reference/responses: get, delete, input-items).
 */

export type KeptOperation = Extract<Operation, { readonly kind: "response" | "responseItems" }>

type Asked = { readonly method: string; readonly query: URLSearchParams | null }
type Items = readonly Readonly<Record<string, unknown>>[]

const ITEMS_DEFAULT = 20
const ITEMS_MAX = 100

/** The same for what never was, what is no longer kept, and what is somebody else's. */
const notKept = (id: string): GatewayError => ({ code: "not_found", message: `Response with id “${id.slice(0, 100)}” not found.`, param: "response_id" })

/** Answers with JSON: the response, one page of its input's items, or that it was deleted. */
export async function answerOfKept(operation: KeptOperation, { method, query }: Asked, owner: ResponseOwner, { responses, log }: Pick<GatewayPorts, "responses" | "log">): Promise<Result<string, GatewayError>> {
  const { id } = operation
  if (query?.get("stream") === "true") return err({ code: "unsupported_parameter", message: "stream cannot be used here: a response that was kept is read whole.", param: "stream" })
  try {
    if (method === "DELETE") return (await responses.remove(owner, id)) ? ok(JSON.stringify({ id, object: "response", deleted: true })) : err(notKept(id))
    const kept = await responses.find(owner, id)
    if (kept === null) return err(notKept(id))
    return operation.kind === "response" ? ok(JSON.stringify(kept.answer)) : itemPage(kept.input as Items, query)
  } catch (error) {
    log("error", "responses.unreadable", { detail: error instanceof Error ? error.message : String(error) })
    return err({ code: "unavailable", message: "Responses cannot be read at the moment. Try again shortly.", retryAfterSeconds: 1 })
  }
}

/** `limit` of them behind the item `after`; the newest first unless `order` is `asc`. */
function itemPage(items: Items, query: URLSearchParams | null): Result<string, GatewayError> {
  const limit = Number(query?.get("limit") ?? ITEMS_DEFAULT)
  if (!Number.isInteger(limit) || limit < 1 || limit > ITEMS_MAX) return invalid("limit", `limit: must be a whole number from 1 to ${ITEMS_MAX}.`)
  const order = query?.get("order") ?? "desc"
  if (order !== "asc" && order !== "desc") return invalid("order", "order: must be asc or desc.")
  const ordered = order === "asc" ? items : [...items].reverse()
  const after = query?.get("after") ?? null
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  if (after !== null && start === 0) return invalid("after", "after: must be the id of one of the items.")
  const data = ordered.slice(start, start + limit)
  return ok(JSON.stringify({ object: "list", data, first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null, has_more: start + limit < ordered.length }))
}

const invalid = (param: string, message: string): Result<never, GatewayError> => err({ code: "invalid_request", message, param })
