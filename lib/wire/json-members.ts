import { byteTextOf } from "./body-text.ts"

/** One member of a JSON object, as positions in the text: `text.slice(start, valueEnd)` is `"key": value`. */
export type JsonMember = {
  readonly key: string
  readonly start: number
  readonly valueStart: number
  readonly valueEnd: number
}

/**
 * The members of the object that begins in `text`, in their order, without building their values. The text must be valid JSON
 * (it was parsed before) and may hold one character per byte. Linear: each character is passed once.
 */
export function jsonMembers(text: string): JsonMember[] {
  const members: JsonMember[] = []
  let at = text.indexOf("{") + 1
  for (;;) {
    at = skipTo(text, at, isNeitherSpaceNorComma)
    if (text[at] !== '"') return members
    const start = at
    const keyEnd = stringEnd(text, start)
    const valueStart = skipTo(text, text.indexOf(":", keyEnd) + 1, isNeitherSpaceNorComma)
    const valueEnd = jsonValueEnd(text, valueStart)
    members.push({ key: keyOf(text.slice(start, keyEnd)), start, valueStart, valueEnd })
    at = valueEnd
  }
}

/** The texts of the elements of a JSON array, in their order. The text must be valid JSON. */
export function jsonElements(text: string): string[] {
  const elements: string[] = []
  let at = text.indexOf("[") + 1
  for (;;) {
    at = skipTo(text, at, isNeitherSpaceNorComma)
    if (at >= text.length || text[at] === "]") return elements
    const end = jsonValueEnd(text, at)
    elements.push(text.slice(at, end))
    at = end
  }
}

const keyOf = (json: string): string => (json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1))

/**
 * The same object with some members changed: a string replaces the member's value or adds the member, null removes it. All other
 * values keep their bytes. Of a member that stands twice only the last survives, which is the one that JSON.parse has seen: what
 * was checked is what is sent. Where nothing stands twice and nothing changes, it is the text itself.
 */
export function patchJsonObject(text: string, changes: ReadonlyMap<string, string | null>): string {
  const members = jsonMembers(text)
  if (changes.size === 0 && !hasTwins(members)) return text
  const parts = new Map<string, string>()
  for (const { key, start, valueEnd } of members) {
    parts.delete(key)
    parts.set(key, text.slice(start, valueEnd))
  }
  for (const [key, value] of changes) {
    if (value === null) parts.delete(key)
    else parts.set(key, `${asciiJson(key)}:${value}`)
  }
  return `{${[...parts.values()].join(",")}}`
}

/** Members that are compared with each other one by one: fewer than a set is worth. */
const COMPARED_MAX = 16

function hasTwins(members: readonly JsonMember[]): boolean {
  if (members.length > COMPARED_MAX) return new Set(members.map(({ key }) => key)).size < members.length
  for (let i = 1; i < members.length; i++) {
    for (let j = 0; j < i; j++) if ((members[i] as JsonMember).key === (members[j] as JsonMember).key) return true
  }
  return false
}

/** The same for a body; it is the very one where nothing of it changes, which saves a call two copies of its prompt. */
export function patchJsonBody(body: Buffer, changes: ReadonlyMap<string, string | null>): Buffer {
  const text = byteTextOf(body)
  const patched = patchJsonObject(text, changes)
  return patched === text ? body : Buffer.from(patched, "latin1")
}

/**
 * The JSON of a member that is a list, of which `change` leaves some elements out (null) or writes them anew; all others keep their own bytes.
 * `text`: the body, one character per byte; `elements`: the same list, parsed. Null: nothing is left of it.
 */
export function rewrittenList(text: string, name: string, elements: readonly unknown[], change: (element: unknown) => string | null | undefined): string | null {
  const member = jsonMembers(text).findLast(({ key }) => key === name)
  if (member === undefined) return null
  const kept = jsonElements(text.slice(member.valueStart, member.valueEnd)).flatMap((own, index) => {
    const changed = change(elements[index])
    return changed === null ? [] : [changed ?? own]
  })
  return kept.length === 0 ? null : `[${kept.join(",")}]`
}

/** JSON in which every character is ASCII, so that it can stand in a text of one character per byte. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** Where the string that opens at `open` ends, behind its closing quote. */
function stringEnd(text: string, open: number): number {
  let quote = open
  for (;;) {
    quote = text.indexOf('"', quote + 1)
    if (quote === -1) return text.length
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
}

function jsonValueEnd(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return stringEnd(text, start)
  if (first !== "{" && first !== "[") return skipTo(text, start, isEndOfScalar)
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = stringEnd(text, at) - 1
    else if (character === "{" || character === "[") depth++
    else if ((character === "}" || character === "]") && --depth === 0) return at + 1
  }
  return text.length
}

const BACKSLASH = 0x5c

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const isNeitherSpaceNorComma = (code: number) => !isSpace(code) && code !== 0x2c
const isEndOfScalar = (code: number) => isSpace(code) || code === 0x2c || code === 0x7d || code === 0x5d

function skipTo(text: string, from: number, found: (code: number) => boolean): number {
  let at = from
  while (at < text.length && !found(text.charCodeAt(at))) at++
  return at
}
