import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { ok, type Result } from "#lib/kernel/result.ts"
import type { Call, CallPatch } from "../call.ts"
import { isForeignSignature } from "../chat/signature.ts"
import { asciiJson, patchJsonObject, rewrittenList } from "../json-members.ts"
import type { ClientHeaders } from "../raw-lane.ts"
import { invalid, isAbsent, isCount, isRecord, parseObject, readModelAndStream } from "../request-fields.ts"
import { isTrigger, summaryIn, summaryMessage, toolsToRead } from "./compaction.ts"
import { rsSize } from "./size.ts"

export const OUTPUT_FIELD = "max_output_tokens"

/** Headers in which agents name their session: opencode's two (W-136), and Codex's. */
const SESSION_HEADERS = ["x-session-affinity", "x-session-id", "session_id", "session-id"] as const
const SESSION_CHARACTERS_MAX = 200

/**
 * Reads a request for a response (https://platform.openai.com/docs/api-reference/responses/create): what the pipeline relies on is
 * checked, the rest is the provider's to judge. `input` may be absent where an earlier response is continued.
 */
export function readRsCall(body: Buffer, headers: ClientHeaders): Result<Call, GatewayError> {
  const parsed = parseObject(body)
  if (!parsed.ok) return parsed
  const fields = parsed.value
  const common = readModelAndStream(fields)
  if (!common.ok) return common
  const { input, store, previous_response_id: previous } = fields
  const bound = fields[OUTPUT_FIELD]
  const isText = typeof input === "string" && input !== ""
  if (!isText && !(Array.isArray(input) && input.length > 0) && !(isAbsent(input) && typeof previous === "string")) {
    return invalid("input", "input: a text, or a list with at least one item, is needed.")
  }
  if (!isAbsent(bound) && !isCount(bound)) return invalid(OUTPUT_FIELD, `${OUTPUT_FIELD}: must be a whole number of at least 1.`)
  if (!isAbsent(store) && typeof store !== "boolean") return invalid("store", "store: must be true or false.")
  if (!isAbsent(previous) && (typeof previous !== "string" || previous === "")) return invalid("previous_response_id", "previous_response_id: must be the id of a response.")
  const trigger = Array.isArray(input) ? (input as readonly unknown[]).findIndex(isTrigger) : -1
  const compacts = trigger !== -1
  if (compacts && trigger !== (input as readonly unknown[]).length - 1) return invalid(`input[${trigger}].type`, `input[${trigger}].type: a compaction_trigger must be the last item.`)
  const call: Call = {
    ...common.value,
    outputTokensMax: isCount(bound) ? bound : null,
    choices: 1,
    size: rsSize(body.length, input),
    fields,
    session: sessionOf(headers),
  }
  return ok(compacts ? asCompaction(call) : call)
}

/** A request to compact a conversation (https://platform.openai.com/docs/api-reference/responses/compact): the same members, and no stream. */
export function readCompactionCall(body: Buffer, headers: ClientHeaders): Result<Call, GatewayError> {
  const read = readRsCall(body, headers)
  if (!read.ok) return read
  return read.value.streamed ? invalid("stream", "stream: a compaction is answered whole.") : ok(asCompaction(read.value))
}

const asCompaction = (call: Call): Call => ({ ...call, compacts: true, fields: toolsToRead(call.fields) })

function sessionOf(headers: ClientHeaders): string | null {
  for (const name of SESSION_HEADERS) {
    const value = headers[name]
    if (typeof value === "string" && value !== "" && value.length <= SESSION_CHARACTERS_MAX) return value
  }
  return null
}

/** Whether the client wants its response kept: OpenAI keeps it unless told otherwise (API reference, responses, store). */
export const wantsStored = ({ fields }: Pick<Call, "fields">): boolean => fields["store"] !== false

/** How the search tools are named among the fields that a channel does not get. */
const SEARCH_TOOLS = "tools.web_search"

/**
 * The body for one attempt. The provider never keeps anything: its account is shared by all tenants, and what is kept is kept here
 * (W-80), so that what an earlier response said has been put into `input` before.
 */
export function encodeRsCall(body: Buffer, call: Call, patch: CallPatch): Buffer {
  const changes = new Map<string, string | null>()
  if (patch.upstreamModel !== call.model) changes.set("model", asciiJson(patch.upstreamModel))
  if (call.fields["store"] !== false) changes.set("store", "false")
  if ("previous_response_id" in call.fields) changes.set("previous_response_id", null)
  // Codex says here what it says in its headers, its installation's id among it, and no header of it goes on either (W-134).
  if ("client_metadata" in call.fields) changes.set("client_metadata", null)
  if (patch.outputTokensMax !== null) changes.set(patch.outputTokensMax.field, String(patch.outputTokensMax.tokens))
  if (patch.traits?.hiddenReasoning && wantsStored(call)) changes.set("include", asciiJson(withEncrypted(call.fields["include"])))
  const text = body.toString("latin1")
  for (const path of patch.drop) {
    if (path === SEARCH_TOOLS) changes.set("tools", rewrittenList(text, "tools", call.fields["tools"] as readonly unknown[], (tool) => (isSearchTool(tool) ? null : undefined)))
    else if (path in call.fields) changes.set(path, null)
  }
  if (itemsOf(call).some((item) => isForeignThought(item) || summaryIn(item) !== null)) changes.set("input", rewrittenList(text, "input", itemsOf(call), asSent))
  // Even an unchanged body is written anew: of a member that stands twice, only the one that was checked may arrive.
  return Buffer.from(patchJsonObject(text, changes), "latin1")
}

/** What is thought and kept here must be in a form that can be sent again, since the provider keeps none of it (W-58). */
function withEncrypted(include: unknown): readonly unknown[] {
  const asked: readonly unknown[] = Array.isArray(include) ? include : []
  return asked.includes(ENCRYPTED) ? asked : [...asked, ENCRYPTED]
}

const ENCRYPTED = "reasoning.encrypted_content"

const itemsOf = ({ fields }: Pick<Call, "fields">): readonly unknown[] => (Array.isArray(fields["input"]) ? (fields["input"] as readonly unknown[]) : NOTHING)

/** What a provider gets in place of an item: nothing of another's thoughts, and the words of a summary of ours. */
function asSent(item: unknown): string | null | undefined {
  if (isForeignThought(item)) return null
  const summary = summaryIn(item)
  return summary === null ? undefined : asciiJson(summaryMessage(summary))
}

/** What searches the web at the provider: `web_search` and its dated and earlier names (OpenAI web search guide). */
export const isSearchTool = (tool: unknown): boolean => isRecord(tool) && typeof tool["type"] === "string" && /^web_search(?:_preview)?(?:_\d{4}_\d{2}_\d{2})?$/.test(tool["type"])

/** How thoughts that another provider proved are named among what a channel does not get. */
const FOREIGN_THOUGHTS = "input[].reasoning"

/** OpenAI refuses thoughts that it did not encrypt itself: those of an earlier answer by another provider stay here (W-56, W-58). */
export const foreignThoughtsOf = (call: Call): readonly string[] => (itemsOf(call).some(isForeignThought) ? [FOREIGN_THOUGHTS] : NOTHING)

const isForeignThought = (item: unknown): boolean => isRecord(item) && item["type"] === "reasoning" && isForeignSignature(item["encrypted_content"])
const NOTHING: readonly string[] = []

/** What is left out where no search can be paid for: the client does without (W-133). */
export const searchToolsOf = ({ fields }: Call): readonly string[] => (Array.isArray(fields["tools"]) && (fields["tools"] as readonly unknown[]).some(isSearchTool) ? [SEARCH_TOOLS] : [])
