import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { ChatEvent } from "../chat/answer.ts"
import { decodeStream, encodeStream, sentEvents } from "./test-kit.ts"

const folder = join(import.meta.dirname, "fixtures")
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".stream.txt") ? [file.slice(0, -".stream.txt".length)] : []))
const streamOf = (name: string) => readFileSync(join(folder, `${name}.stream.txt`))
const eventsOf = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.events.json`), "utf8")) as readonly ChatEvent[]
/** What the encoder is told of the request: that a patch is a custom tool. */
const fields = { tools: [{ type: "custom", name: "apply_patch" }] }

/** An event without what differs from one provider to the next: ids, the response's other members, and the place of obfuscation. */
const withoutIds = (text: string) => text.replace(/"(?:item_id|id)":"[^"]*"/g, '"id":"…"')

describe.each(names)("the stream %s", (name) => {
  test("has these events", () => {
    expect(decodeStream([streamOf(name)])).toEqual(eventsOf(name))
  })

  test("W-101 W-103 has the same events wherever it is cut", () => {
    const bytes = streamOf(name)
    const expected = eventsOf(name)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
        expect(decodeStream(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  test("W-47 is written with the same events in the same order, with the same indexes and numbers", () => {
    const vendors = sentEvents(streamOf(name).toString("utf8"))
    const ours = sentEvents(encodeStream(eventsOf(name), fields))
    const placed = (events: typeof ours) => events.map(({ type, sequence_number, output_index, content_index, summary_index, delta }) => ({ type, sequence_number, output_index, content_index, summary_index, delta }))
    expect(placed(ours)).toEqual(placed(vendors))
  })

  test("W-136 W-139 has each item, part and text as the vendor's has them, under one id from its beginning to the response's end", () => {
    const events = sentEvents(encodeStream(eventsOf(name), fields))
    const added = events.filter(({ type }) => type === "response.output_item.added").map(({ item }) => (item as { id: string }).id)
    const done = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item as { id: string })
    expect(new Set(added).size).toBe(added.length)
    expect(done.map(({ id }) => id)).toEqual(added)
    for (const { item_id: id, output_index: index } of events) if (id !== undefined) expect(id).toBe(added[index as number])
    expect((events.at(-1)?.["response"] as { output: unknown }).output).toEqual(done)
    const vendors = sentEvents(streamOf(name).toString("utf8")).filter(({ type }) => type === "response.output_item.done")
    expect(done.map((item) => JSON.parse(withoutIds(JSON.stringify(item))) as unknown)).toEqual(vendors.map(({ item }) => JSON.parse(withoutIds(JSON.stringify(item))) as unknown))
  })

  test("W-104 W-141 is no whole answer without its last event", () => {
    const text = streamOf(name).toString("utf8")
    const cut = text.slice(0, text.lastIndexOf("event: "))
    expect(decodeStream([cut]).some(({ kind }) => kind === "finish" || kind === "end")).toBe(false)
  })
})
