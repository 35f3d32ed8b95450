import { expect, test } from "vitest"
import { traitsOf } from "#lib/catalog/model-traits.ts"
import type { ClientCodec } from "../chat/codec.ts"
import { createNotebook } from "../chat/notes.ts"
import { amClientCodec } from "./client-codec.ts"
import { readAmCall } from "./request.ts"
import { amUpstreamCodec } from "./upstream-codec.ts"

const cited = { type: "web_search_result_location", url: "https://a.org", title: "A", encrypted_index: "Eo8BCioIAhgBIiQ", cited_text: "About a." }
const search = [
  { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "a" } },
  { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ type: "web_search_result", url: "https://a.org", title: "A", encrypted_content: "EqgfCioIARgB", page_age: null }] },
]
const decoding = (codec: ClientCodec, body: object) => {
  const read = readAmCall(Buffer.from(JSON.stringify({ model: "m", max_tokens: 9, ...body })), {})
  const request = read.ok ? codec.decodeRequest(read.value) : read
  if (!request.ok) throw new Error(request.error.message)
  return { request: request.value, call: read.ok ? read.value : null }
}

/** An assistant turn of a client, as Anthropic gets it after the request was read and written again. */
function again(content: readonly object[]): unknown {
  const { request } = decoding(amClientCodec, { messages: [{ role: "user", content: "a?" }, { role: "assistant", content }, { role: "user", content: "more" }] })
  const target = { providerId: "anthropic", model: "claude-sonnet-4-6", outputTokensMax: null, traits: traitsOf("claude-sonnet-4-6"), outputTokensCap: null }
  const encoded = amUpstreamCodec.encodeRequest(request, target, { streamed: false, notes: createNotebook(amClientCodec.fieldNames, []) })
  if (!encoded.ok) throw new Error(encoded.error.message)
  return (encoded.value.body["messages"] as readonly { content: unknown }[])[1]?.content
}

test("W-58 what a text cites goes back to Anthropic byte for byte, with the search that it came from", () => {
  const content = [...search, { type: "text", text: "A is a.", citations: [cited] }]
  expect(again(content)).toEqual(content)
})

test("a citation without Anthropic's proof stays here: it would be refused", () => {
  expect(again([{ type: "text", text: "A is a.", citations: [{ ...cited, encrypted_index: "" }, { type: "char_location", document_index: 0, cited_text: "x" }] }])).toEqual([{ type: "text", text: "A is a." }])
})

test("W-58 an answer's citations keep their proof, streamed and not", () => {
  const { request, call } = decoding(amClientCodec, { messages: [{ role: "user", content: "a?" }] })
  const context = { request, toolName: (name: string) => name, newCallId: () => "call_1" }
  const encoding = { request, call: call!, publicModel: "m", responseId: "1", createdAtSeconds: 0, inputTokensEstimated: 1 }
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: "A is a.", citations: [cited] }], stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }
  const answer = amUpstreamCodec.decodeAnswer(Buffer.from(JSON.stringify(message)), context)
  if (!answer.ok) throw new Error("no answer")
  expect(amClientCodec.encodeAnswer(answer.value, encoding)["content"]).toEqual(message.content)
  const encoder = amClientCodec.openEncoder(encoding)
  let out = ""
  const events = [
    { type: "message_start", message: { ...message, content: [] } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "A is a." } },
    { type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation: cited } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ]
  const decoder = amUpstreamCodec.openDecoder(context, (event) => void (out += encoder.event(event)))
  decoder.push(Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")))
  decoder.end()
  expect(out).toContain(JSON.stringify({ type: "citations_delta", citation: cited }))
})
