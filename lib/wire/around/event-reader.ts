import { type Usage, usageUnits } from "#lib/kernel/usage.ts"
import type { StreamReader } from "../raw-lane.ts"
import { createRawStream, streamFailed } from "../raw-stream.ts"
import type { Fields } from "../request-fields.ts"
import { eventData } from "../sse/event-data.ts"
import { seenOf } from "./around-lane.ts"

export type EventReaderOptions = {
  /** The type of the event that completes an answer, or one of its images. */
  readonly done: RegExp
  usageOf(event: Fields): Usage | null
}

/** Only the beginning of an event is searched for what it is: behind it there may be megabytes of base64. */
const TYPE_CHARACTERS = 400
const TYPE = /"type"\s*:\s*"([\w.]{1,64})"|"error"\s*:\s*[{"]/

/**
 * Reads events that name their type, as images, transcripts and speeches have them (OpenAI API reference: streaming events of each). All
 * pass as they come; the ones that complete something are counted. Without one of those the answer is not whole (W-104, W-141).
 */
export function createEventReader({ done, usageOf }: EventReaderOptions): StreamReader {
  let started = false
  let completed = false
  let usage: Usage | null = null

  const learn = (data: string): boolean => {
    const parsed = parse(data)
    if (parsed === null || parsed["error"] || parsed["type"] === "error") return false
    if (typeof parsed["type"] === "string" && done.test(parsed["type"])) {
      completed = true
      usage = sum(usage, usageOf(parsed))
    }
    return true
  }

  return createRawStream({
    take(event) {
      const data = eventData(event)
      if (data === null || data === "") return ""
      if (data !== DONE) {
        if (!data.startsWith("{")) return streamFailed(null)
        const type = TYPE.exec(data.slice(0, TYPE_CHARACTERS))?.[1] ?? typeOfName(event)
        // A delta is known by its type and need not be parsed.
        if ((type === undefined || type === "error" || done.test(type)) && !learn(data)) return streamFailed(parse(data))
        started = true
      }
      return `${event}\n\n`
    },
    isEvent: (text) => parse(eventData(text) ?? "") !== null,
    ending: "",
    get whole() {
      return completed
    },
    get started() {
      return started
    },
    get seen() {
      return seenOf(usage)
    },
    outputTokensEstimated: 0,
    cutShort: () => "",
  })
}

const DONE = "[DONE]"

const typeOfName = (event: string): string | undefined => /^event: ?([\w.]{1,64})$/m.exec(event.slice(0, TYPE_CHARACTERS))?.[1]

function parse(data: string): Fields | null {
  try {
    const json: unknown = JSON.parse(data)
    return json !== null && typeof json === "object" ? (json as Fields) : null
  } catch {
    return null
  }
}

/** Of an answer in several parts each part counts its own. */
function sum(before: Usage | null, more: Usage | null): Usage | null {
  if (before === null || more === null) return more ?? before
  const units = usageUnits.filter((unit) => before[unit] !== undefined || more[unit] !== undefined)
  const images = { ...before.images }
  for (const [variant, count] of Object.entries(more.images ?? {})) images[variant] = (images[variant] ?? 0) + count
  return { ...before, ...more, ...Object.fromEntries(units.map((unit) => [unit, (before[unit] ?? 0) + (more[unit] ?? 0)])), ...(Object.keys(images).length > 0 && { images }) }
}
