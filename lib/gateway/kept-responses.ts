import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { replayEvents } from "#lib/wire/rs/replay.ts"
import type { Operation } from "./paths.ts"
import type { GatewayPorts, ResponseOwner } from "./ports.ts"

/*
 * Answers that were kept, in OpenAI's shapes (https://platform.openai.com/docs/api-reference/responses: get, delete, input-items).
 */

export type KeptOperation = Extract<Operation, { readonly kind: "response" | "responseItems" | "responseCancel" }>

type Asked = { readonly method: string; readonly query: URLSearchParams | null }
type Items = readonly Readonly<Record<string, unknown>>[]

const ITEMS_DEFAULT = 20
const ITEMS_MAX = 100

/** The same for what never was, what is no longer kept, and what is somebody else's. */
const notKept = (id: string): GatewayError => ({ code: "not_found", message: `Response with id “${id.slice(0, 100)}” not found.`, param: "response_id" })

/** In OpenAI's words. Nothing runs in the background here (`background` is refused), so whatever is kept was answered at once. */
const NOT_IN_BACKGROUND: GatewayError = { code: "invalid_request", message: "Cannot cancel a synchronous response." }

/** What is answered: JSON, or a stream of events that is there at once. */
export type KeptAnswer = { readonly contentType: "application/json" | "text/event-stream; charset=utf-8"; readonly body: string }

const json = (body: string): KeptAnswer => ({ contentType: "application/json", body })

/** Answers with the response, whole or as the stream that it could have been, with one page of its input's items, or with its having been deleted. */
export async function answerOfKept(operation: KeptOperation, { method, query }: Asked, owner: ResponseOwner, { responses, log }: Pick<GatewayPorts, "responses" | "log">): Promise<Result<KeptAnswer, GatewayError>> {
  const { id } = operation
  try {
    if (method === "DELETE") return (await responses.remove(owner, id)) ? ok(json(JSON.stringify({ id, object: "response", deleted: true }))) : err(notKept(id))
    const kept = await responses.find(owner, id)
    if (kept === null) return err(notKept(id))
    switch (operation.kind) {
      case "responseItems":
        return itemPage(kept.input as Items, query)
      case "responseCancel":
        return err(NOT_IN_BACKGROUND)
      case "response":
        return query?.get("stream") === "true" ? replayed(kept.answer, query) : ok(json(JSON.stringify(kept.answer)))
    }
  } catch (error) {
    log("error", "responses.unreadable", { detail: error instanceof Error ? error.message : String(error) })
    return err({ code: "unavailable", message: "Responses cannot be read at the moment. Try again shortly.", retryAfterSeconds: 1 })
  }
}

/** The events behind the one with the number `starting_after`, as a client reads on whose connection broke. */
function replayed(answer: Readonly<Record<string, unknown>>, query: URLSearchParams): Result<KeptAnswer, GatewayError> {
  const after = query.get("starting_after")
  if (after !== null && !/^\d{1,15}$/.test(after)) return invalid("starting_after", "starting_after: must be the number of an event.")
  return ok({ contentType: "text/event-stream; charset=utf-8", body: replayEvents(answer, after === null ? -1 : Number(after)) })
}

/** `limit` of them behind the item `after`; the newest first unless `order` is `asc`. */
function itemPage(items: Items, query: URLSearchParams | null): Result<KeptAnswer, GatewayError> {
  const limit = Number(query?.get("limit") ?? ITEMS_DEFAULT)
  if (!Number.isInteger(limit) || limit < 1 || limit > ITEMS_MAX) return invalid("limit", `limit: must be a whole number from 1 to ${ITEMS_MAX}.`)
  const order = query?.get("order") ?? "desc"
  if (order !== "asc" && order !== "desc") return invalid("order", "order: must be asc or desc.")
  const ordered = order === "asc" ? items : [...items].reverse()
  const after = query?.get("after") ?? null
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  if (after !== null && start === 0) return invalid("after", "after: must be the id of one of the items.")
  const data = ordered.slice(start, start + limit)
  return ok(json(JSON.stringify({ object: "list", data, first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null, has_more: start + limit < ordered.length })))
}

const invalid = (param: string, message: string): Result<never, GatewayError> => err({ code: "invalid_request", message, param })
