import { createHash } from "node:crypto"

/** OpenAI answers a longer `tool_call_id` with a 400. */
const ID_CHARACTERS_MAX = 40
const SHORT_ID_CHARACTERS = 9
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/**
 * The id under which a target gets a call (W-21). Mistral takes nine letters and digits and no other (https://docs.mistral.ai/capabilities/function_calling);
 * ids that a target refuses become a part of their hash: the same each time, so that a call and its result stay together.
 */
export function callIdFor(id: string, short: boolean): string {
  if (short) return /^[A-Za-z0-9]{9}$/.test(id) ? id : hashed(id, SHORT_ID_CHARACTERS)
  return id.length <= ID_CHARACTERS_MAX && id !== "" ? id : `call_${hashed(id, 24)}`
}

function hashed(id: string, characters: number): string {
  const bytes = createHash("sha256").update(id, "utf8").digest()
  let text = ""
  for (let at = 0; at < characters; at++) text += ALPHABET[(bytes[at] ?? 0) % ALPHABET.length]
  return text
}
