import { createHash } from "node:crypto"

export type CallIds = {
  /** The id of a call, unique in the request. */
  call(id: string): string
  /** The id of the call that a result answers: the next one of the last turn with calls that has this id and no result yet. */
  result(id: string): string
  /** A turn of the assistant's begins. */
  nextTurn(): void
}

/** Bedrock and others take no more, where Anthropic itself names no bound. */
const TAKEN = /^[A-Za-z0-9_-]{1,64}$/
const HASH_CHARACTERS = 24

/**
 * Ids of calls as Anthropic takes them (W-21): letters, digits, `_` and `-`, each used once. Whatever else a provider gave gets one
 * that is made of it, so that it is the same in every request of a conversation; calls that share an id are told apart (W-36).
 */
export function createCallIds(): CallIds {
  const used = new Set<string>()
  let open = new Map<string, string[]>()
  return {
    nextTurn() {
      open = new Map()
    },
    call(id) {
      const sent = unused(TAKEN.test(id) ? id : madeOf(id), used)
      open.set(id, [...(open.get(id) ?? []), sent])
      return sent
    },
    result: (id) => open.get(id)?.shift() ?? (TAKEN.test(id) ? id : madeOf(id)),
  }
}

const madeOf = (text: string): string => `toolu_${createHash("sha256").update(text, "utf8").digest("hex").slice(0, HASH_CHARACTERS)}`

function unused(id: string, used: Set<string>): string {
  let free = id
  for (let count = 2; used.has(free); count++) free = madeOf(`${id} ${count}`)
  used.add(free)
  return free
}
