import type { GatewayError } from "#lib/kernel/error-codes.ts"
import { err, ok, type Result } from "#lib/kernel/result.ts"
import { unlessTooDeep } from "#lib/wire/chat/nesting.ts"
import type { AnswerMemory, References, Remembered } from "#lib/wire/memory.ts"
import type { GatewayPorts, ResponseOwner } from "./ports.ts"
import { type Identified, proven, type Recalled } from "./stages.ts"
import type { Principal } from "./types.ts"

/** Answers that may stand before one: a conversation of more turns is begun anew. */
export const CHAIN_RESPONSES_MAX = 200
/** Answers in which single items are looked for. */
const HOLDING_RESPONSES_MAX = 50
const ITEM_REFERENCES_MAX = 1_000
const BYTES_PER_MIB = 1024 * 1024

const UNREADABLE: GatewayError = { code: "unavailable", message: "Earlier responses cannot be read at the moment. Try again shortly.", retryAfterSeconds: 1 }

export type RecallOptions = {
  readonly ports: Pick<GatewayPorts, "responses" | "log">
  /** The most that the body may have with everything in it. */
  readonly bytesMax: number
}

/**
 * Puts what a call refers to of earlier answers into it, since no provider keeps any (W-80), and decides whether its own answer is kept.
 * Dialects without a memory pass at once.
 */
export function recall(identified: Identified, options: RecallOptions): Result<Recalled, GatewayError> | Promise<Result<Recalled, GatewayError>> {
  const { memory } = identified.lane
  if (memory === undefined) return ok(proven<Identified, Recalled>(identified, {}))
  const references = memory.references(identified.call)
  const decided = decideKeeping(identified, memory)
  if (!decided.ok) return decided
  if (references.previousId === null && references.itemIds.length === 0) return ok(decided.value)
  return recallAll(decided.value, memory, references, options)
}

export const ownerOf = ({ organizationId, membershipId }: Principal): ResponseOwner => ({ organizationId, ownerId: membershipId ?? organizationId })

/** An answer that its client wants kept, in an organization that keeps none, says that it is not kept. */
function decideKeeping(identified: Identified, memory: AnswerMemory): Result<Recalled, GatewayError> {
  const { call, principal, body, lane, headers } = identified
  if (!memory.wantsKept(call)) return ok(proven<Identified, Recalled>(identified, { keeping: null }))
  if (principal.storesResponses) return ok(proven<Identified, Recalled>(identified, { keeping: { memory, owner: ownerOf(principal), call, holding: [] } }))
  if (principal.parameters === "strict" && memory.asksToKeep(call)) {
    return err({ code: "unsupported_parameter", message: "store cannot be used here: this organization keeps no responses, and this key is strict about parameters.", param: "store" })
  }
  const unkept = memory.unkept(body)
  const read = lane.readCall(unkept, headers)
  return read.ok ? ok(proven<Identified, Recalled>({ ...identified, body: unkept, call: read.value }, { keeping: null, recalled: ["store=false"] })) : read
}

async function recallAll(recalled: Recalled, memory: AnswerMemory, references: References, { ports, bytesMax }: RecallOptions): Promise<Result<Recalled, GatewayError>> {
  const { call, body, lane, headers, principal } = recalled
  if (references.itemIds.length > ITEM_REFERENCES_MAX) return err({ code: "invalid_request", message: `input: at most ${ITEM_REFERENCES_MAX} items may be references to earlier ones.`, param: "input" })
  try {
    const history = await historyOf(ownerOf(principal), references.previousId, ports, bytesMax)
    if (!history.ok) return history
    const holding = references.itemIds.length === 0 ? [] : await ports.responses.holding(ownerOf(principal), references.itemIds, HOLDING_RESPONSES_MAX)
    const whole = unlessTooDeep(() => memory.recall(body, call, { history: history.value, holding }))
    if (whole === null) return err({ code: "invalid_request", message: "input: is nested too deeply to be put behind what came before it.", param: "input" })
    if (!whole.ok) return err(missing("input", `Item with id “${whole.error.slice(0, 100)}” not found.`))
    if (whole.value.length > bytesMax) return err(tooLong(bytesMax))
    const read = lane.readCall(whole.value, headers)
    if (!read.ok) return read
    const keeping = recalled.keeping === null || recalled.keeping === undefined ? null : { ...recalled.keeping, holding }
    return ok({ ...recalled, body: whole.value, call: read.value, keeping })
  } catch (error) {
    ports.log("error", "responses.unreadable", { requestId: recalled.requestId, detail: error instanceof Error ? error.message : String(error) })
    return err(UNREADABLE)
  }
}

async function historyOf(owner: ResponseOwner, previousId: string | null, { responses }: RecallOptions["ports"], bytesMax: number): Promise<Result<readonly Remembered[], GatewayError>> {
  if (previousId === null) return ok([])
  const chain = await responses.chain(owner, previousId, { responsesMax: CHAIN_RESPONSES_MAX, bytesMax })
  switch (chain.kind) {
    case "found":
      return ok(chain.history)
    case "absent":
      return err(missing("previous_response_id", `Previous response with id “${previousId.slice(0, 100)}” not found.`))
    case "tooLong":
      return err(tooLong(bytesMax))
  }
}

/** The same for what never was, what is no longer kept, and what is somebody else's. */
const missing = (param: string, message: string): GatewayError => ({ code: "not_found", message, param })

const tooLong = (bytesMax: number): GatewayError => ({
  code: "invalid_request",
  message: `previous_response_id: this conversation has more than ${CHAIN_RESPONSES_MAX} responses or ${Math.floor(bytesMax / BYTES_PER_MIB)} MiB. Begin a new one, with what it needs in input.`,
  param: "previous_response_id",
})
