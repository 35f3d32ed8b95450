import fc from "fast-check"
import { expect, test } from "vitest"
import { plainDelta } from "./plain-delta.ts"

const kinds = [["text_delta", "text"], ["thinking_delta", "thinking"], ["input_json_delta", "partial_json"]] as const
const written = (index: unknown, delta: object) => JSON.stringify({ type: "content_block_delta", index, delta })

test("a delta as Anthropic writes it is read as its JSON says, padded or not", () => {
  fc.assert(
    fc.property(fc.nat({ max: 999 }), fc.constantFrom(...kinds), fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom('"', "\\", '\\"', '"}}', '","x":"', "\u0000\n\t", "工😀")), fc.constantFrom("", " ", "      "), (index, [type, member], text, padding) => {
      expect(plainDelta(written(index, { type, [member]: text }).slice(0, -1) + `${padding}}`)).toEqual({ index, text })
    }),
  )
})

test.each([
  ["another event", '{"type":"content_block_stop","index":0}'],
  ["another member behind the text", written(0, { type: "text_delta", text: "a", more: "b" })],
  ["another member with an escape in it", written(0, { type: "text_delta", text: "a\\", more: 'b"' })],
  ["another order", '{"type":"content_block_delta","index":0,"delta":{"text":"a","type":"text_delta"}}'],
  ["an index that is none", written("x", { type: "text_delta", text: "a" })],
  ["a signature", written(0, { type: "signature_delta", signature: "a" })],
  ["a text that is cut off", '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"'],
  ["a text with half an escape", '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u00"}}'],
])("%s is left to the parser", (_, data) => {
  expect(plainDelta(data)).toBeNull()
})
