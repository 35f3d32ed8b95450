import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call } from "../call.ts"
import type { ChatAnswer, Finish } from "../chat/answer.ts"
import type { ClientCodec, EncodeContext, StreamEncoder } from "../chat/codec.ts"
import { createCollector } from "../chat/collect.ts"
import type { ChatRequest, Turn } from "../chat/request.ts"
import { BYTES_PER_TOKEN } from "../estimate.ts"
import { type Fields, isRecord } from "../request-fields.ts"
import { rsClientCodec } from "./client-codec.ts"
import { compactionItem, isTrigger } from "./compaction.ts"
import { decodeRsRequest } from "./decode-request.ts"
import { itemId } from "./items.ts"
import { replayEvents } from "./replay.ts"
import { endedAs, responseEnd, responseHead, rsResponseId } from "./response.ts"
import { usageObject } from "./usage.ts"

/*
 * Compactions, over channels of any dialect: the model that the conversation was with is asked for a summary, behind the same prompt, so
 * that the provider's cache serves it. Two ways of asking: `responses/compact`, which answers with the list that goes on in the
 * conversation's place, and a trigger behind the input of an ordinary response, which answers with the compaction alone.
 */

const ASKING: Turn = {
  role: "user",
  parts: [
    {
      kind: "text",
      text: [
        "This conversation is about to outgrow its room. Write a summary from which another assistant can go on with the work without having seen it.",
        "Say what the user wants, with every wish and restriction in the user's own words where they matter; what was done and found, with exact names, paths, values and errors; what was decided, and why; what is unfinished, and what comes next.",
        "Answer with the summary alone. Do not go on with the work, and call no tools.",
      ].join("\n"),
    },
  ],
}

/** As many tokens of messages go on beside a compaction at OpenAI (Codex, codex-rs/core/src/compact_remote_v2.rs, RETAINED_MESSAGE_TOKEN_BUDGET). */
const KEPT_TOKENS_MAX = 64_000

/** Behind a summary that came to its bound, for whoever reads it. */
const CUT_OFF = "\n\n[This summary ends here because it reached its bound.]"

/** A summary needs no format, no choice among tools and no more room than the conversation itself was given. */
function decodeCompaction(call: Call): Result<ChatRequest, GatewayError> {
  const { text: _format, tool_choice: _choice, parallel_tool_calls: _parallel, ...fields } = call.fields
  const request = decodeRsRequest({ ...call, fields: { ...fields, input: told(fields["input"]) } })
  return request.ok ? ok({ ...request.value, turns: [...request.value.turns, ASKING], toolChoice: { kind: "none" } }) : request
}

/** What only OpenAI's models call, and what came of it, is told in words: it is read here, and never called again. */
const told = (input: unknown): unknown => (Array.isArray(input) ? (input as readonly unknown[]).map((item) => (isRecord(item) && isSpecial(item) ? asWords(item) : item)) : input)

const SPECIAL = /^(?:computer|local_shell|shell|apply_patch)_call(_output)?$/
const isSpecial = ({ type }: Fields): boolean => typeof type === "string" && SPECIAL.test(type)

const asWords = (item: Fields): Fields => ({
  type: "message",
  role: String(item["type"]).endsWith("_output") ? "user" : "assistant",
  content: JSON.stringify(item, (_name, value: unknown) => (typeof value === "string" && value.startsWith("data:") ? "(bytes)" : value)),
})

/** The messages of the user and the developer that go on as they are: the newest ones, up to their bound. */
function keptMessages({ fields }: Call, responseId: string): readonly Fields[] {
  const { input } = fields
  const items = typeof input === "string" ? [{ role: "user", content: input }] : (input as readonly unknown[])
  let room = KEPT_TOKENS_MAX * BYTES_PER_TOKEN
  const kept: Fields[] = []
  for (const [index, item] of [...items.entries()].reverse()) {
    if (!isRecord(item) || (item["type"] ?? "message") !== "message" || item["role"] === "assistant") continue
    room -= Buffer.byteLength(JSON.stringify(item["content"] ?? ""))
    if (room < 0) break
    const { content } = item
    kept.unshift({ id: itemId("msg", responseId, index), ...item, type: "message", status: "completed", content: typeof content === "string" ? [{ type: "input_text", text: content }] : content })
  }
  return kept
}

function encodeCompaction({ choices, usage }: ChatAnswer, context: EncodeContext): Fields {
  const { call, responseId, createdAtSeconds } = context
  const [choice] = choices
  const finish: Finish = choice?.finish ?? { reason: "incomplete", word: "", stopSequence: null }
  const { incomplete_details } = endedAs(finish)
  const summary = choice?.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n") ?? ""
  const item = compactionItem(itemId("cmp", responseId, 0), incomplete_details === null ? summary : `${summary}${CUT_OFF}`)
  const { input } = call.fields
  if (Array.isArray(input) && isTrigger(input.at(-1))) return { ...responseHead(context), ...responseEnd(finish, usage, [item]) }
  return {
    id: rsResponseId(responseId),
    object: "response.compaction",
    created_at: createdAtSeconds,
    output: [...keptMessages(call, responseId), item],
    usage: usage === null ? null : usageObject(usage.counts, usage.reasoningTokens),
    ...(incomplete_details !== null && { incomplete_details }),
  }
}

/** A compaction is of use when it is whole: the stream is silent until then, which pings bridge. */
function openCompactionEncoder(context: EncodeContext): StreamEncoder {
  const collector = createCollector()
  let answer: string | null = null
  return {
    event(event) {
      collector.add(event)
      return ""
    },
    end() {
      const response = encodeCompaction(collector.answer() ?? { id: null, choices: [], usage: null }, context)
      answer = JSON.stringify(response)
      return replayEvents(response, -1)
    },
    answer: () => (answer === null ? null : Buffer.from(answer, "utf8")),
  }
}

export const rsCompactionCodec: ClientCodec = {
  ...rsClientCodec,
  needsText: true,
  decodeRequest: decodeCompaction,
  encodeAnswer: encodeCompaction,
  openEncoder: openCompactionEncoder,
}
