import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { dataEvent, eventData } from "./event-data.ts"
import { createEventSplitter } from "./event-splitter.ts"

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1")
const utf8 = (text: string) => Buffer.from(text, "latin1").toString("utf8")

function dataOf(chunks: readonly string[]): (string | null)[] {
  const splitter = createEventSplitter()
  const events = chunks.flatMap((chunk) => splitter.push(chunk))
  const rest = splitter.rest()
  return (rest === "" ? events : [...events, rest]).map((event) => eventData(utf8(event)))
}

/** Cuts a text at the given places (taken modulo its length). */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end))
}

const line = fc.string({ unit: fc.constantFrom("a", "é", "工", "😀", " ", ":", '"', "{", "data:") })
const eventArbitrary = fc.record({ comment: fc.option(line), data: fc.array(line, { minLength: 1, maxLength: 3 }), space: fc.boolean() })

test("W-101 W-102 any stream cut anywhere gives the same events, whatever its line endings", () => {
  const streams = fc.record({
    events: fc.array(eventArbitrary, { minLength: 1, maxLength: 6 }),
    newline: fc.constantFrom("\n", "\r\n", "\r"),
    blankLines: fc.integer({ min: 1, max: 3 }),
    mark: fc.boolean(),
    finalNewline: fc.boolean(),
    places: fc.array(fc.nat(), { maxLength: 40 }),
  })
  fc.assert(
    fc.property(streams, ({ events, newline, blankLines, mark, finalNewline, places }) => {
      const texts = events.map(({ comment, data, space }) =>
        [...(comment === null ? [] : [`: ${comment}`]), ...data.map((part) => `data:${space || part.startsWith(" ") ? " " : ""}${part}`)].join(newline),
      )
      const text = (mark ? "\ufeff" : "") + texts.join(newline.repeat(1 + blankLines)) + (finalNewline ? newline.repeat(2) : "")
      expect(dataOf(cut(latin1(text), places))).toEqual(events.map(({ data }) => data.join("\n")))
    }),
    { numRuns: 500 },
  )
})

test("W-140 a comment has no data and ends nothing", () => {
  expect(dataOf([": keep-alive\n\n: keep", "-alive\r\n\r\ndata: 1\n\n"])).toEqual([null, null, "1"])
})

test("W-103 an event of 16 MB in pieces of 64 bytes takes linear time", async () => {
  const piece = "x".repeat(64)
  await expectLinear((bytes) => {
    const splitter = createEventSplitter()
    splitter.push("data: ")
    for (let sent = 0; sent < bytes; sent += piece.length) splitter.push(piece)
    expect(splitter.push("\n\n")[0]?.length).toBe(6 + bytes)
  }, 1 << 21)
})

test("an event without an end is given up at its bound", () => {
  const splitter = createEventSplitter(1_000)
  expect(splitter.push(`data: ${"x".repeat(2_000)}`)).toEqual([])
  expect(splitter.overflown).toBe(true)
  expect(splitter.push("\n\n")).toEqual([])
})

test("data of several lines survives being written again", () => {
  expect(eventData(dataEvent("a\nb").slice(0, -2))).toBe("a\nb")
})
