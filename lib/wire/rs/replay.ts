import { isRecord } from "../request-fields.ts"
import { createEventWriter, type EventWriter } from "./event-writer.ts"

/*
 * A response that was kept, as the stream that it could have been (API reference, responses, get: `stream`, `starting_after`). Its events are
 * numbered as those of a stream without pauses: one delta for each text.
 */

type Fields = Readonly<Record<string, unknown>>

/** Everything behind the event of this number; -1: all. */
export function replayEvents(answer: Fields, startingAfter: number): string {
  const writer = createEventWriter()
  const output = Array.isArray(answer["output"]) ? (answer["output"] as readonly unknown[]).filter(isRecord) : []
  const begun = { response: { ...answer, status: "in_progress", incomplete_details: null, output: [], usage: null } }
  const events = [writer.write("response.created", begun), writer.write("response.in_progress", begun), ...output.flatMap((item, index) => itemEvents(writer, item, index))]
  const status = typeof answer["status"] === "string" ? answer["status"] : "completed"
  events.push(writer.write(`response.${status}`, { response: answer }))
  return events.slice(startingAfter + 1).join("")
}

function itemEvents(writer: EventWriter, item: Fields, index: number): readonly string[] {
  const place = { item_id: item["id"], output_index: index }
  const whole = (begun: Fields, between: () => readonly string[]): readonly string[] => [
    writer.write("response.output_item.added", { output_index: index, item: { ...begun, status: "in_progress" } }),
    ...between(),
    writer.write("response.output_item.done", { output_index: index, item }),
  ]
  switch (item["type"]) {
    case "message":
      return whole({ ...item, content: [] }, () => partsOf(item["content"]).flatMap((part, at) => partEvents(writer, part, { ...place, content_index: at })))
    case "reasoning":
      return whole({ ...item, summary: [] }, () => partsOf(item["summary"]).flatMap((part, at) => summaryEvents(writer, part, { ...place, summary_index: at })))
    case "function_call":
      return whole({ ...item, arguments: "" }, () => [
        writer.write("response.function_call_arguments.delta", { ...place, delta: item["arguments"] }),
        writer.write("response.function_call_arguments.done", { ...place, name: item["name"], arguments: item["arguments"] }),
      ])
    case "custom_tool_call":
      return whole({ ...item, input: "" }, () => [
        writer.write("response.custom_tool_call_input.delta", { ...place, delta: item["input"] }),
        writer.write("response.custom_tool_call_input.done", { ...place, input: item["input"] }),
      ])
    default:
      return whole(item, () => [])
  }
}

function partEvents(writer: EventWriter, part: Fields, place: object): readonly string[] {
  const isRefusal = part["type"] === "refusal"
  const [name, member, empty] = isRefusal ? (["refusal", "refusal", { ...part, refusal: "" }] as const) : (["output_text", "text", { ...part, text: "", annotations: [], logprobs: [] }] as const)
  const { annotations, logprobs = [] } = part
  const more = isRefusal ? {} : { logprobs }
  return [
    writer.write("response.content_part.added", { ...place, part: empty }),
    writer.write(`response.${name}.delta`, { ...place, delta: part[member], ...more }),
    ...partsOf(annotations).map((annotation, index) => writer.write("response.output_text.annotation.added", { ...place, annotation_index: index, annotation })),
    writer.write(`response.${name}.done`, { ...place, [member]: part[member], ...more }),
    writer.write("response.content_part.done", { ...place, part }),
  ]
}

function summaryEvents(writer: EventWriter, part: Fields, place: object): readonly string[] {
  const { text } = part
  return [
    writer.write("response.reasoning_summary_part.added", { ...place, part: { ...part, text: "" } }),
    writer.write("response.reasoning_summary_text.delta", { ...place, delta: text }),
    writer.write("response.reasoning_summary_text.done", { ...place, text }),
    writer.write("response.reasoning_summary_part.done", { ...place, part }),
  ]
}

const partsOf = (list: unknown): readonly Fields[] => (Array.isArray(list) ? (list as readonly unknown[]).filter(isRecord) : [])
