/**
 * The data of one event (as `createEventSplitter` gives it): its data lines joined by LF, or null where it has none, such as a
 * comment that only keeps a connection alive (W-140).
 */
export function eventData(event: string): string | null {
  if (event.startsWith("data:") && !event.includes("\n")) return event.charCodeAt(5) === 0x20 ? event.slice(6) : event.slice(5)
  const data: string[] = []
  for (const line of event.split("\n")) {
    if (line === "data") data.push("")
    else if (line.startsWith("data:")) data.push(line.charCodeAt(5) === 0x20 ? line.slice(6) : line.slice(5))
  }
  return data.length === 0 ? null : data.join("\n")
}

/** An event with this data and nothing else. */
export const dataEvent = (data: string): string => `data: ${data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data}\n\n`
