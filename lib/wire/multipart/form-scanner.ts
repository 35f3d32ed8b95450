/** One part of a form, as positions in the body: `[valueStart, valueEnd)` is its value, and with `start` its delimiter begins. */
export type FormPart = {
  readonly name: string
  readonly isFile: boolean
  readonly start: number
  readonly valueStart: number
  /** Null: its end has not come yet. */
  readonly valueEnd: number | null
  /** Of a field, its text. Files are not kept. */
  readonly text: string
}

export type FormScanner = {
  push(chunk: Buffer): void
  readonly parts: readonly FormPart[]
  /** The last delimiter has come. */
  readonly over: boolean
  /** What is wrong with the form, for whoever sent it. */
  readonly problem: string | null
}

/** Fields are names, numbers and prompts; whoever sends more of them means a file. */
const FIELD_BYTES_MAX = 64 * 1024
const HEADER_BYTES_MAX = 16 * 1024
const PARTS_MAX = 200
const BOUNDARY_CHARACTERS_MAX = 70

const CRLF = Buffer.from("\r\n")
const HEADERS_END = Buffer.from("\r\n\r\n")

type Open = { -readonly [K in keyof FormPart]: FormPart[K] } & { bytes: Buffer[]; size: number }
type Place = "delimiter" | "behindDelimiter" | "headers" | "value" | "end"

/**
 * Finds the parts of a `multipart/form-data` body (RFC 7578) as it comes, wherever the network cut it. Never more is kept than the fields
 * and one unfinished delimiter or header; each byte is searched once.
 */
export function createFormScanner(boundary: string): FormScanner {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const mark = delimiter.subarray(CRLF.length)
  const parts: Open[] = []
  let part: Open | null = null
  let place: Place = "delimiter"
  let problem: string | null = null
  // A body begins with its delimiter, as if a line had ended before it.
  let pending: Buffer = CRLF
  /** Where `pending` begins in the body. */
  let offset = -CRLF.length

  const skip = (bytes: number) => {
    pending = pending.subarray(bytes)
    offset += bytes
  }
  const fail = (words: string): false => {
    problem = words
    return false
  }

  /** True: something was consumed, and there may be more. */
  const step = (): boolean => {
    switch (place) {
      case "delimiter":
        return findFirstDelimiter()
      case "behindDelimiter":
        return passDelimiter()
      case "headers":
        return readHeaders()
      case "value":
        return readValue()
      case "end":
        if (pending.toString("latin1").trim() !== "") return fail("Something stands behind its last delimiter.")
        skip(pending.length)
        return false
    }
  }

  function findFirstDelimiter(): boolean {
    const at = pending.indexOf(delimiter)
    // Before it only the end of a line may stand.
    if (at > CRLF.length || (at === -1 && pending.length > delimiter.length + CRLF.length)) return fail("The form does not begin with the boundary that its content-type names.")
    if (at === -1) return false
    skip(at + delimiter.length)
    place = "behindDelimiter"
    return true
  }

  function passDelimiter(): boolean {
    if (pending.length < 2) return false
    if (pending.toString("latin1", 0, 2) === "--") {
      skip(2)
      place = "end"
      return true
    }
    // Blanks may stand behind a delimiter (RFC 2046, transport padding).
    const line = pending.indexOf(CRLF)
    if (line === -1) return pending.length > HEADER_BYTES_MAX ? fail("A delimiter of the form does not end.") : false
    if (line > 0 && pending.toString("latin1", 0, line).trim() !== "") return fail("A delimiter of the form is followed by something else.")
    // The line's own end may be the one before an empty header.
    skip(line)
    place = "headers"
    return true
  }

  function readHeaders(): boolean {
    const end = pending.indexOf(HEADERS_END)
    if (end === -1) return pending.length > HEADER_BYTES_MAX ? fail("The header of a part of the form is too long.") : false
    const headers = pending.toString("utf8", 0, end)
    const dispositions = [...headers.matchAll(/^content-disposition\s*:\s*form-data\b(.*)$/gim)]
    const disposition = dispositions[0]?.[1] ?? ""
    const name = parameter(disposition, "name")
    if (name === undefined) return fail("A part of the form has no name.")
    // What the provider could read as another name would reach it unchecked.
    if (dispositions.length > 1 || /\n[ \t]|(?<!\r)\n|\r(?!\n)/.test(headers) || (disposition.match(/;\s*name\*?\s*=/gi) ?? []).length > 1) return fail("A part of the form has a header that can be read in two ways.")
    if (parts.length === PARTS_MAX) return fail(`The form has more than ${PARTS_MAX} parts.`)
    const start = partStart
    skip(end + HEADERS_END.length)
    part = { name, isFile: /;\s*filename\*?=/i.test(disposition), start, valueStart: offset, valueEnd: null, text: "", bytes: [], size: 0 }
    parts.push(part)
    place = "value"
    return true
  }

  function readValue(): boolean {
    if (part === null) return false
    const at = delimiterIn(pending)
    if (at === null) return fail("A delimiter of the form stands behind a line that does not end in CRLF.")
    // What could be the beginning of a delimiter is kept until it is decided.
    const bytes = at === -1 ? Math.max(0, pending.length - delimiter.length + 1) : at
    if (!part.isFile && bytes > 0) {
      part.size += bytes
      if (part.size > FIELD_BYTES_MAX) return fail(`${part.name}: a field has at most ${FIELD_BYTES_MAX / 1024} KiB; a file has a file name.`)
      part.bytes.push(pending.subarray(0, bytes))
    }
    skip(bytes)
    if (at === -1) return false
    part.valueEnd = offset
    part.text = Buffer.concat(part.bytes).toString("utf8")
    part.bytes = []
    part = null
    partStart = offset + CRLF.length
    skip(delimiter.length)
    place = "behindDelimiter"
    return true
  }

  /** Where the next delimiter begins, -1 where there is none yet; null: where another reader of forms could see one that is none here. */
  function delimiterIn(bytes: Buffer): number | null {
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
      const [before, last] = [bytes[at - 2], bytes[at - 1]]
      if (before === CRLF[0] && last === CRLF[1]) return at - CRLF.length
      if (last === CRLF[0] || last === CRLF[1]) return null
    }
    return -1
  }

  /** Where the delimiter of the part that comes next begins. */
  let partStart = 0
  return {
    push(chunk) {
      if (problem !== null) return
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      while (problem === null && step());
      // Of a part of a large buffer the whole buffer would be kept.
      if (pending.length > 0 && pending.length < chunk.length) pending = Buffer.from(pending)
    },
    parts,
    get over() {
      return place === "end"
    },
    get problem() {
      return problem
    },
  }
}

/** The boundary that a content type names; null: it is no form, or names none. */
export function boundaryOf(contentType: unknown): string | null {
  if (typeof contentType !== "string" || !/^multipart\/form-data\s*;/i.test(contentType)) return null
  const boundary = parameter(contentType.slice(contentType.indexOf(";")), "boundary")
  return boundary === undefined || boundary === "" || boundary.length > BOUNDARY_CHARACTERS_MAX ? null : boundary
}

function parameter(text: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, "i").exec(text)
  return found?.[1]?.replace(/\\(.)/g, "$1") ?? found?.[2]
}
