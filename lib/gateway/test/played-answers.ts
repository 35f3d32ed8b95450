import type { Dialect } from "#lib/wire/dialect.ts"
import { eventStreamMessage, wrappedEvent } from "#lib/wire/br/test/event-stream-writer.ts"

/** What a played model says: a text, and where `args` is given a call with these arguments, as JSON text. One character per byte. */
export type Said = { readonly text: string; readonly args?: string }

/** How a call's provider packs what it says; told by the call's address. */
export type Packing = { readonly dialect: Dialect; readonly wrapped: boolean }

const addresses: readonly (readonly [ends: RegExp, packing: Packing])[] = [
  [/\/chat\/completions(?:\?.*)?$/, { dialect: "cc", wrapped: false }],
  [/\/responses$/, { dialect: "rs", wrapped: false }],
  [/\/messages$|:(?:rawPredict|streamRawPredict)$/, { dialect: "am", wrapped: false }],
  [/\/invoke(?:-with-response-stream)?$/, { dialect: "am", wrapped: true }],
  [/:(?:generateContent|streamGenerateContent\?alt=sse)$/, { dialect: "gm", wrapped: false }],
  [/\/converse(?:-stream)?$/, { dialect: "br", wrapped: false }],
]

export function packingAt(url: string): Packing {
  const found = addresses.find(([ends]) => ends.test(url))
  if (found === undefined) throw new Error(`nobody answers at ${url}`)
  return found[1]
}

/** Stand in a template for the text, for the arguments as an object, and for the arguments as a string. */
const TEXT = "@text"
const OBJECT = "@object"
const STRING = "@string"

type Template = { readonly whole: (calls: boolean) => object; readonly events: (calls: boolean) => readonly (readonly [name: string | null, event: object])[] }

const templates = {
  cc: {
    whole: (calls) => ({ id: "c1", object: "chat.completion", model: "m", choices: [{ index: 0, message: { role: "assistant", content: TEXT, ...(calls && { tool_calls: [ccCall] }) }, finish_reason: calls ? "tool_calls" : "stop" }], usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } }),
    events: (calls) => [
      [null, ccChunk([{ index: 0, delta: { role: "assistant", content: TEXT }, finish_reason: null }])],
      ...(calls ? [[null, ccChunk([{ index: 0, delta: { tool_calls: [{ index: 0, ...ccCall }] }, finish_reason: null }])] as const] : []),
      [null, ccChunk([{ index: 0, delta: {}, finish_reason: calls ? "tool_calls" : "stop" }])],
      [null, { ...ccChunk([]), usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } }],
    ],
  },
  rs: {
    whole: (calls) => rsResponse("completed", rsOutput(calls)),
    events: (calls) =>
      [
        { type: "response.created", response: rsResponse("in_progress", []) },
        { type: "response.output_item.added", output_index: 0, item: { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] } },
        { type: "response.content_part.added", item_id: "msg_1", output_index: 0, content_index: 0, part: { type: "output_text", text: "", annotations: [] } },
        { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: TEXT },
        { type: "response.output_item.done", output_index: 0, item: rsOutput(false)[0] },
        ...(calls
          ? [
              { type: "response.output_item.added", output_index: 1, item: { id: "fc_1", type: "function_call", call_id: "call_1", name: "f", arguments: "", status: "in_progress" } },
              { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 1, delta: STRING },
              { type: "response.output_item.done", output_index: 1, item: rsOutput(true)[1] },
            ]
          : []),
        { type: "response.completed", response: rsResponse("completed", rsOutput(calls)) },
      ].map((event, sequence_number) => [event.type, { ...event, sequence_number }] as const),
  },
  am: {
    whole: (calls) => ({ id: "msg_1", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: TEXT }, ...(calls ? [{ type: "tool_use", id: "toolu_1", name: "f", input: OBJECT }] : [])], stop_reason: calls ? "tool_use" : "end_turn", stop_sequence: null, usage: { input_tokens: 3, output_tokens: 5 } }),
    events: (calls) =>
      [
        { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: TEXT } },
        { type: "content_block_stop", index: 0 },
        ...(calls
          ? [
              { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "toolu_1", name: "f", input: {} } },
              { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: STRING } },
              { type: "content_block_stop", index: 1 },
            ]
          : []),
        { type: "message_delta", delta: { stop_reason: calls ? "tool_use" : "end_turn", stop_sequence: null }, usage: { output_tokens: 5 } },
        { type: "message_stop" },
      ].map((event) => [event.type, event] as const),
  },
  gm: {
    whole: (calls) => gmResponse([{ text: TEXT }, ...(calls ? [gmCall] : [])], true),
    events: (calls) => [[null, gmResponse([{ text: TEXT }], false)], ...(calls ? [[null, gmResponse([gmCall], false)] as const] : []), [null, gmResponse([{ text: "" }], true)]],
  },
  br: {
    whole: (calls) => ({ output: { message: { role: "assistant", content: [{ text: TEXT }, ...(calls ? [{ toolUse: { toolUseId: "tooluse_1", name: "f", input: OBJECT } }] : [])] } }, stopReason: calls ? "tool_use" : "end_turn", usage: brUsage, metrics: { latencyMs: 1 } }),
    events: (calls) => [
      ["messageStart", { role: "assistant" }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: TEXT } }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ...(calls
        ? ([
            ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "tooluse_1", name: "f" } } }],
            ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: STRING } } }],
            ["contentBlockStop", { contentBlockIndex: 1 }],
          ] as const)
        : []),
      ["messageStop", { stopReason: calls ? "tool_use" : "end_turn" }],
      ["metadata", { usage: brUsage, metrics: { latencyMs: 1 } }],
    ],
  },
} as const satisfies Record<Dialect, Template>

const ccCall = { id: "call_1", type: "function", function: { name: "f", arguments: STRING } }
const ccChunk = (choices: readonly object[]) => ({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices })
const rsOutput = (calls: boolean) => [
  { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: TEXT, annotations: [] }] },
  ...(calls ? [{ id: "fc_1", type: "function_call", call_id: "call_1", name: "f", arguments: STRING, status: "completed" }] : []),
]
const rsResponse = (status: string, output: readonly object[]) => ({ id: "resp_1", object: "response", created_at: 1, status, model: "m", output, usage: status === "completed" ? { input_tokens: 3, output_tokens: 5, total_tokens: 8 } : null })
const gmCall = { functionCall: { name: "f", args: OBJECT } }
const gmResponse = (parts: readonly object[], ended: boolean) => ({ candidates: [{ index: 0, content: { role: "model", parts }, ...(ended && { finishReason: "STOP" }) }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 }, modelVersion: "m", responseId: "r1" })
const brUsage = { inputTokens: 3, outputTokens: 5, totalTokens: 8 }

/** Arguments of any bytes and any depth are put in as they are: no object here can say them. */
function written(template: object, { text, args = "" }: Said): string {
  return JSON.stringify(template)
    .replaceAll(`"${OBJECT}"`, () => args)
    .replaceAll(`"${STRING}"`, () => JSON.stringify(args))
    .replaceAll(TEXT, () => JSON.stringify(text).slice(1, -1))
}

/** A whole answer in the provider's packing. */
export const wholeAnswer = ({ dialect }: Packing, said: Said): Buffer => Buffer.from(written(templates[dialect].whole(said.args !== undefined), said), "latin1")

/** The frames of a streamed answer in the provider's packing. */
export function streamedAnswer({ dialect, wrapped }: Packing, said: Said): readonly Buffer[] {
  const template: Template = templates[dialect]
  const frames = template.events(said.args !== undefined).map(([name, event]) => {
    const bytes = Buffer.from(written(event, said), "latin1")
    if (wrapped) return wrappedEvent(bytes)
    if (dialect === "br") return eventStreamMessage({ ":event-type": name ?? "", ":content-type": "application/json", ":message-type": "event" }, bytes)
    return Buffer.concat([Buffer.from(name === null ? "data: " : `event: ${name}\ndata: `), bytes, Buffer.from("\n\n")])
  })
  return dialect === "cc" ? [...frames, Buffer.from("data: [DONE]\n\n")] : frames
}
