const CHARACTERS_MAX = 400
const HIDDEN = "•••"

/** Forms of keys that vendors echo in their errors, whole or cut. */
const KEY_LIKE = /\b(?:sk|gsk|xai|ark|key|AIza)[-_]?[A-Za-z0-9*_-]{8,}\b/g
const BEARER = /\bBearer\s+\S+/gi

/**
 * An upstream's own words, fit to be kept and shown: without the secrets, without anything that looks like one, on one line, and
 * no longer than a person reads.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, HIDDEN)
  clean = clean.replace(BEARER, `Bearer ${HIDDEN}`).replace(KEY_LIKE, HIDDEN).replace(/\s+/g, " ").trim()
  return clean.length > CHARACTERS_MAX ? `${clean.slice(0, CHARACTERS_MAX - 1)}…` : clean
}
