import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import { asciiJson, patchJsonBody } from "../json-members.ts"
import type { AnswerMemory, Remembered } from "../memory.ts"
import { jsonText } from "../chat/nesting.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { isTrigger } from "./compaction.ts"
import { wantsStored } from "./request.ts"

type Item = Fields

/** The prefixes of OpenAI's ids, by the type of the item; all others are `item`. */
const prefixes: Readonly<Record<string, string>> = { message: "msg", reasoning: "rs", function_call: "fc", function_call_output: "fco", custom_tool_call: "ctc", custom_tool_call_output: "ctco" }

/** How OpenAI responses speak of earlier ones: `previous_response_id`, and `item_reference` among their items. */
export const rsMemory: AnswerMemory = {
  references: ({ fields }) => ({ previousId: previousOf(fields), itemIds: itemsIn(fields["input"]).flatMap((item) => referredId(item) ?? []) }),
  wantsKept: wantsStored,
  asksToKeep: ({ fields }) => fields["store"] === true,
  unkept: (body) => patched(body, "store", "false"),
  recall(body, call, { history, holding }) {
    const own = resolved(call, holding)
    if (!own.ok) return own
    const before = history.flatMap(({ input, answer }) => [...itemsIn(input), ...itemsIn(answer["output"])])
    const inline = new Set(itemsIn(call.fields["input"]))
    const input = [...before.flatMap(sendable), ...own.value.flatMap((item) => (inline.has(item) ? [item] : sendable(item)))]
    return ok(patched(body, "input", asciiJson(input)))
  },
  record(call, holding, answer) {
    const response = parsed(answer)
    const own = resolved(call, holding)
    if (response === null || typeof response["id"] !== "string" || !own.ok) return null
    const input = withIds(own.value, response["id"])
    const inputJson = jsonText(input)
    if (inputJson === null) return null
    const items = [...input, ...itemsIn(response["output"])]
    return { itemIds: items.flatMap(({ id }) => (typeof id === "string" ? [id] : [])), json: `{"input":${inputJson},"answer":${answer.toString("utf8")}}` }
  },
}

const previousOf = (fields: Fields): string | null => (typeof fields["previous_response_id"] === "string" ? fields["previous_response_id"] : null)

/** A text is one message of the user. */
function itemsIn(input: unknown): readonly Item[] {
  if (typeof input === "string") return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }]
  return Array.isArray(input) ? (input as readonly unknown[]).filter(isRecord) : []
}

/** The type of a reference may be left out (API reference, responses, item_reference). */
function referredId(item: Item): string | null {
  const { type, id } = item
  const refers = type === "item_reference" || (type === undefined && item["role"] === undefined)
  return refers && typeof id === "string" ? id : null
}

/** A call's own items, with those in place that it only refers to. */
function resolved({ fields }: Call, holding: readonly Remembered[]): Result<readonly Item[], string> {
  const found = new Map<unknown, Item>()
  for (const { input, answer } of holding) for (const item of [...itemsIn(input), ...itemsIn(answer["output"])]) found.set(item["id"], item)
  const items: Item[] = []
  for (const item of itemsIn(fields["input"])) {
    const id = referredId(item)
    const meant = id === null ? item : found.get(id)
    if (meant === undefined) return err(String(id))
    items.push(meant)
  }
  return ok(items)
}

/**
 * An item as it can be sent again, to a provider that keeps nothing: it knows no ids of ours, and a thought only by its encrypted form
 * (API reference, responses, include: `reasoning.encrypted_content`).
 */
function sendable(item: Item): readonly Item[] {
  const { id: _id, status: _status, ...rest } = item
  // It asked for something that was done.
  if (isTrigger(item)) return []
  if (item["type"] === "web_search_call") return [item]
  if (item["type"] === "reasoning") return typeof item["encrypted_content"] === "string" ? [rest] : []
  return [rest]
}

const withIds = (items: readonly Item[], responseId: string): readonly Item[] =>
  items.map((item, index) => {
    const type = typeof item["type"] === "string" ? item["type"] : "message"
    return typeof item["id"] === "string" ? item : { ...item, type, id: `${prefixes[type] ?? "item"}_${responseId.replace(/^resp_/, "")}_in_${index}` }
  })

/** The body with one member changed; all others keep their bytes. */
const patched = (body: Buffer, name: string, json: string): Buffer => patchJsonBody(body, new Map([[name, json]]))

function parsed(answer: Buffer): Fields | null {
  try {
    const json: unknown = JSON.parse(answer.toString("utf8"))
    return isRecord(json) ? json : null
  } catch {
    return null
  }
}
