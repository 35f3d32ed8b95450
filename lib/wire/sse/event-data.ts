/**
 * The data of one event (as `createEventSplitter` gives it): its data lines joined by LF, or null where it has none, such as a
 * comment that only keeps a connection alive (W-140).
 */
export function eventData(event: string): string | null {
  if (event.startsWith("data:") && !event.includes("\n")) return lineData(event)
  // An event with a name and one line of data, as Anthropic and OpenAI's responses write theirs.
  const end = event.startsWith("event:") ? event.indexOf("\n") : -1
  if (end !== -1 && event.startsWith("data:", end + 1) && event.indexOf("\n", end + 1) === -1) return lineData(event.slice(end + 1))
  const data: string[] = []
  for (const line of event.split("\n")) {
    if (line === "data") data.push("")
    else if (line.startsWith("data:")) data.push(lineData(line))
  }
  return data.length === 0 ? null : data.join("\n")
}

const lineData = (line: string): string => (line.charCodeAt(5) === 0x20 ? line.slice(6) : line.slice(5))

/** An event with this data and nothing else. */
export const dataEvent = (data: string): string => `data: ${data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data}\n\n`
