import type { Dialect } from "../dialect.ts"
import type { Signature } from "./part.ts"

/*
 * A provider's proof travels through a client of another dialect, in the field that this dialect has for its own. It is marked there
 * with where it came from, so that it goes back to that dialect and to no other (W-54 to W-58).
 */

const MARK = "tp1."
/** The mark in base64 begins with these five characters, whatever stands behind it. */
const MARKED = "dHAxL"
const EXCERPT = `${MARK}text.`
const SUMMARY = `${MARK}summary.`
const dialects: readonly string[] = ["cc", "rs", "am", "gm", "br"] satisfies readonly Dialect[]

/** A signature as a client of dialect `client` keeps it: its own as it is, a foreign one marked, in the alphabet of base64. */
export function writeSignature({ origin, data }: Signature, client: Dialect): string {
  return origin === client ? data : opaque(`${MARK}${origin}.${data}`)
}

/** What a page says that a search of ours found, in the field where Anthropic's clients keep what Anthropic found, and send back. */
export const writeExcerpt = (excerpt: string): string => opaque(`${EXCERPT}${excerpt}`)

/** Null: it is none of ours. */
export const readExcerpt = (text: string): string | null => behind(EXCERPT, text)

/** A conversation's summary, in the field where OpenAI's clients keep what OpenAI made of a conversation, and send back. */
export const writeSummary = (summary: string): string => opaque(`${SUMMARY}${summary}`)

/** Null: it is none of ours. */
export const readSummary = (text: string): string | null => behind(SUMMARY, text)

const opaque = (plain: string): string => Buffer.from(plain, "utf8").toString("base64")

function behind(mark: string, text: string): string | null {
  if (!text.startsWith(MARKED)) return null
  const plain = Buffer.from(text, "base64").toString("utf8")
  return plain.startsWith(mark) ? plain.slice(mark.length) : null
}

/** Whether a text is another dialect's signature, marked as such. */
export const isForeignSignature = (text: unknown): boolean => typeof text === "string" && text.startsWith(MARKED)

/** Reads what a client of dialect `client` sends back: what has no mark is the dialect's own. */
export function readSignature(text: string, client: Dialect): Signature {
  if (!text.startsWith(MARKED)) return { origin: client, data: text }
  const plain = Buffer.from(text, "base64").toString("utf8")
  const origin = plain.slice(MARK.length, MARK.length + 2)
  if (!plain.startsWith(MARK) || !dialects.includes(origin) || plain[MARK.length + 2] !== ".") return { origin: client, data: text }
  return { origin: origin as Dialect, data: plain.slice(MARK.length + 3) }
}
