import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import type { Call } from "../call.ts"
import { encodeCcError, encodeCcStreamError } from "../cc/errors.ts"
import { asciiJson, patchJsonBody, patchJsonObject } from "../json-members.ts"
import { formEdits, formType, type Upload } from "../multipart/form.ts"
import type { Answer, ClientHeaders, FormReader, OwnLane, Seen, StreamReader } from "../raw-lane.ts"
import type { Fields } from "../request-fields.ts"
import type { Attempted, Prepared } from "../upstream-lane.ts"
import { readUpstreamWords, type UpstreamWords, wordsOf } from "../upstream-words.ts"
import type { Work } from "../work.ts"
import type { AroundOperation } from "./operations.ts"

/** What tells one operation around chat from the others. All else is the same for all: bytes pass, the model's name is ours. */
export type AroundCodec = {
  readonly operation: AroundOperation
  /** Checks what the pipeline relies on and leaves the rest to the provider. */
  readCall(body: Buffer, headers: ClientHeaders): Result<Call, GatewayError>
  readonly forms?: FormReader
  readAnswer(body: Buffer, call: Call, contentType: string): Result<Answer, { readonly words: UpstreamWords | null }>
  /** Reads an answer that comes piece by piece. */
  openStream?(call: Call): StreamReader
  /** The answer's media type while it streams; null: the provider's own. */
  readonly streamType?: string | null
  /** Whether a stream is one of events, which may hold pings and an error; else it is bytes that nothing may stand between. */
  readonly events?: boolean
  /** The media type that is asked for; absent: JSON, or events of a stream. */
  accept?(call: Call): string
}

const FORWARDED_HEADERS = ["user-agent"] as const
const NOTHING: readonly string[] = []

/** An operation around chat between OpenAI-shaped clients and channels. */
export function createAroundLane(codec: AroundCodec): OwnLane {
  const { operation, streamType = "text/event-stream; charset=utf-8", events = true } = codec
  return {
    dialect: "cc",
    operation,
    streamType,
    requestIdHeader: null,
    forwardedHeaders: () => FORWARDED_HEADERS,
    ownHeaders: {},
    readCall: (body, headers) => codec.readCall(body, headers),
    ...(codec.forms && { forms: codec.forms }),
    prepare: (attempted) => ok(prepare(codec, attempted)),
    readWords: readUpstreamWords,
    encodeError: encodeCcError,
    encodeStreamError: events ? encodeCcStreamError : () => "",
    ping: events ? ": ping\n\n" : "",
  }
}

function prepare(codec: AroundCodec, { body, upload, call, target }: Attempted): Prepared {
  const dropped = target.drop.filter((name) => name in call.fields)
  const { openStream } = codec
  return {
    body: upload === undefined ? encodeJson(body, call, target.upstreamModel, dropped) : upload.open(formEdits(upload.form, target.upstreamModel, dropped)),
    headers: ownHeaders(codec, call, upload),
    streamed: call.streamed,
    streamOptional: true,
    dropped,
    changed: NOTHING,
    readAnswer: (bytes, contentType) => codec.readAnswer(bytes, call, contentType),
    openStream() {
      if (openStream === undefined) throw new Error(`${codec.operation} has no streams`)
      return openStream(call)
    },
  }
}

function ownHeaders(codec: AroundCodec, call: Call, upload: Upload | undefined): Prepared["headers"] {
  const accept = codec.accept?.(call)
  if (accept === undefined && upload === undefined) return null
  return { ...(accept !== undefined && { accept }), ...(upload !== undefined && { "content-type": formType(upload.form) }) }
}

/** The client's bytes with the channel's name for the model. Of a member that stands twice only the one that was checked may arrive. */
function encodeJson(body: Buffer, call: Call, upstreamModel: string, dropped: readonly string[]): Buffer {
  const changes = new Map<string, string | null>()
  if (call.fields["model"] !== upstreamModel) changes.set("model", asciiJson(upstreamModel))
  for (const name of dropped) changes.set(name, null)
  return patchJsonBody(body, changes)
}

/** A call around chat: what stands in every one of them, and its work. */
export const aroundCall = (model: string, fields: Fields, work: Work, streamed = false): Call => ({
  model,
  streamed,
  outputTokensMax: 0,
  choices: 1,
  size: { textBytes: 0, images: 0, audioBytes: 0, fileBytes: 0 },
  fields,
  session: null,
  work,
})

/** What an answer says of itself; an absent usage is one that the provider did not count. */
export const seenOf = (usage: Usage | null, responseId: unknown = null): Seen => ({
  responseId: typeof responseId === "string" ? responseId : null,
  finish: null,
  usage,
  outputTokensEstimated: 0,
})

/**
 * Reads an answer in JSON and puts the public model's name into it where it names one (W-116). What is no JSON, or lacks every one of
 * the lists in which such an answer stands, is a failure with the words that it has.
 */
export function readJsonAnswer(body: Buffer, call: Call, lists: readonly string[], usageOf: (answer: Fields) => Usage | null): Result<Answer, { readonly words: UpstreamWords | null }> {
  let json: unknown
  try {
    json = JSON.parse(body.toString("utf8"))
  } catch {
    return err({ words: null })
  }
  const answer = (json ?? {}) as Fields
  if (!lists.some((name) => Array.isArray(answer[name]))) return err({ words: wordsOf(json) })
  const renamed = answer["model"] !== undefined && answer["model"] !== call.model
  return ok({
    body: renamed ? patchJsonObject(body.toString("latin1"), new Map([["model", asciiJson(call.model)]])) : body,
    seen: seenOf(usageOf(answer), answer["id"]),
  })
}
