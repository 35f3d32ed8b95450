import type { Part, ToolCallPart, ToolResultPart } from "../chat/part.ts"
import type { Turn } from "../chat/request.ts"
import { cacheOf, optionalText, type Reading, records, text } from "../reading.ts"
import { type Fields, isAbsent, isRecord } from "../request-fields.ts"
import { contentOf, resultPartsOf } from "./decode-content.ts"
import { mediaOfUrl } from "./data-url.ts"
import { readExtraContent, reasoningOfMessage } from "./reasoning-details.ts"

/** The turns of a conversation. Consecutive tool messages are one user turn (W-27). */
export function turnsOf(messages: unknown, reading: Reading): readonly Turn[] {
  const turns: Turn[] = []
  const legacyCalls = createLegacyCalls()
  let results: Part[] | null = null
  for (const [message, path] of records(messages, "messages", reading)) {
    const { role } = message
    if (role === "tool" || role === "function") {
      const result = resultOf(message, { path, callId: role === "function" ? legacyCalls.lastId() : text(message["tool_call_id"], `${path}.tool_call_id`, reading) }, reading)
      if (results === null) turns.push({ role: "user", parts: (results = [result]) })
      else results.push(result)
      continue
    }
    results = null
    const turn = turnOf(message, path, { reading, legacyCalls })
    if (turn !== null) turns.push(turn)
  }
  return turns
}

type Context = { readonly reading: Reading; readonly legacyCalls: LegacyCalls }

function turnOf(message: Fields, path: string, context: Context): Turn | null {
  const { reading } = context
  const { role } = message
  const name = optionalText(message["name"])
  const common = { ...(name !== null && { name }), ...cacheOf(message) }
  const content = `${path}.content`
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", parts: contentOf(message["content"], content, reading), ...common }
    case "user":
      if (isAbsent(message["content"])) reading.refuse(content, "must be a text or a list of parts.")
      return { role: "user", parts: contentOf(message["content"], content, reading), ...common }
    case "assistant":
      return { role: "assistant", parts: assistantParts(message, path, context), ...common }
    default:
      reading.refuse(`${path}.role`, "must be “system”, “developer”, “user”, “assistant” or “tool”.")
      return null
  }
}

/** Thinking, text, calls: the order in which they were made (W-34, W-59). */
function assistantParts(message: Fields, path: string, { reading, legacyCalls }: Context): readonly Part[] {
  const said: Part[] = [...contentOf(message["content"], `${path}.content`, reading)]
  if (typeof message["refusal"] === "string") said.push({ kind: "refusal", text: message["refusal"] })
  const proof = readExtraContent(message["extra_content"])
  if (proof.signature !== undefined) said.push({ ...(said.pop() ?? { kind: "text", text: "" }), ...proof })
  for (const [image] of records(message["images"], `${path}.images`, reading)) {
    const url = isRecord(image["image_url"]) ? image["image_url"]["url"] : null
    const media = typeof url === "string" ? mediaOfUrl(url) : null
    if (media !== null) said.push({ kind: "image", media })
  }
  const calls = records(message["tool_calls"], `${path}.tool_calls`, reading).map(([call, place]) => callOf(call, place, reading))
  const legacy = isRecord(message["function_call"]) ? [legacyCalls.callOf(message["function_call"], `${path}.function_call`, reading)] : []
  return [...reasoningOfMessage(message), ...said, ...calls, ...legacy]
}

function callOf(call: Fields, path: string, reading: Reading): ToolCallPart {
  const kind = call["type"] === "custom" ? "custom" : "function"
  const called: Fields = isRecord(call[kind]) ? call[kind] : {}
  return {
    kind: "toolCall",
    id: text(call["id"], `${path}.id`, reading),
    name: text(called["name"], `${path}.${kind}.name`, reading),
    arguments: argumentsText(called[kind === "custom" ? "input" : "arguments"]),
    ...readExtraContent(call["extra_content"]),
  }
}

/** JSON as text; some clients send the object itself (W-35). */
const argumentsText = (value: unknown): string => (typeof value === "string" ? value : isAbsent(value) ? "" : JSON.stringify(value))

type LegacyCalls = { callOf(call: Fields, path: string, reading: Reading): ToolCallPart; lastId(): string }

/** Legacy calls have no ids (W-25): each gets one, and a result belongs to the last call before it. */
function createLegacyCalls(): LegacyCalls {
  let calls = 0
  return {
    callOf: (call, path, reading) => ({ kind: "toolCall", id: `call_fn_${++calls}`, name: text(call["name"], `${path}.name`, reading), arguments: argumentsText(call["arguments"]) }),
    lastId: () => `call_fn_${calls}`,
  }
}

function resultOf(message: Fields, { path, callId }: { readonly path: string; readonly callId: string }, reading: Reading): ToolResultPart {
  const place = `${path}.content`
  return { kind: "toolResult", callId, name: optionalText(message["name"]), content: resultPartsOf(contentOf(message["content"], place, reading), place, reading), failed: false, ...cacheOf(message) }
}
