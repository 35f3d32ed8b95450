import fc from "fast-check"
import { expect, test } from "vitest"
import type { ChatEvent } from "./answer.ts"
import { createCollector } from "./collect.ts"
import { customToolNames, restoreCustomCalls, withCustomCalls, withoutCustomTools } from "./custom-tools.ts"
import type { ChatRequest } from "./request.ts"

const request = {
  tools: [
    { kind: "custom", name: "apply_patch", description: "Edits files.", parameters: null, strict: null, grammar: { type: "grammar", syntax: "lark", definition: 'start: "x"' } },
    { kind: "function", name: "shell", description: null, parameters: { type: "object", properties: {} }, strict: null },
  ],
  turns: [{ role: "assistant", parts: [{ kind: "toolCall", id: "call_1", name: "apply_patch", arguments: "*** Begin\n" }, { kind: "toolCall", id: "call_2", name: "shell", arguments: "{}" }] }],
} as unknown as ChatRequest

const names = new Set(["apply_patch"])

function streamed(pieces: readonly string[], name = "apply_patch") {
  const collector = createCollector()
  const deltas: string[] = []
  const restore = restoreCustomCalls(names, (event) => {
    collector.add(event)
    if (event.kind === "delta") deltas.push(event.text)
  })
  const events: readonly ChatEvent[] = [
    { kind: "open", choice: 0, block: 0, part: { kind: "toolCall", id: "call_1", name, arguments: "" } },
    ...pieces.filter((text) => text !== "").map((text): ChatEvent => ({ kind: "delta", choice: 0, block: 0, text })),
    { kind: "close", choice: 0, block: 0 },
    { kind: "finish", choice: 0, finish: { reason: "toolCalls", word: "tool_calls", stopSequence: null } },
  ]
  for (const event of events) restore(event)
  const part = collector.answer()?.choices[0]?.parts[0]
  return { input: part?.kind === "toolCall" ? part.arguments : null, deltas }
}

test("W-24 W-133 a custom tool becomes a function of one string that knows its grammar, in the tools and in the history", () => {
  expect(customToolNames(request)).toEqual(names)
  const { tools, turns } = withoutCustomTools(request, names)
  expect(tools[0]).toMatchObject({ kind: "function", name: "apply_patch", parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] } })
  expect(tools[0]).toHaveProperty("description", 'Edits files.\n\nThe input must follow this lark grammar:\nstart: "x"')
  expect(tools[1]).toEqual(request.tools[1])
  expect(turns[0]?.parts).toMatchObject([{ arguments: '{"input":"*** Begin\\n"}' }, { arguments: "{}" }])
  expect(request.turns[0]?.parts[0]).toMatchObject({ arguments: "*** Begin\n" })
})

test("W-24 W-133 what the model writes into the string is the tool's input again, wherever the stream is cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(200), { maxLength: 10 }), fc.constantFrom(0, 2), (input, cuts, indent) => {
      const text = JSON.stringify({ input }, null, indent)
      const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
      expect(streamed(at.slice(1).map((end, index) => text.slice(at[index], end))).input).toBe(input)
    }),
  )
})

test("input goes on as it comes, and is not held back to its end", () => {
  expect(streamed(['{"input": "*** Be', 'gin\\', 'n+ x"', "}"]).deltas).toEqual(["*** Be", "gin", "\n+ x"])
})

test.each([
  ["plain text", "*** Begin Patch\nof more than the sixty-four characters that may stand before the string", "*** Begin Patch\nof more than the sixty-four characters that may stand before the string"],
  ["short plain text", "ls", "ls"],
  ["another member first", '{"comment":"well","input":"x"}', "x"],
  ["a JSON string", '"x"', "x"],
  ["nothing", "", ""],
  ["an empty object", "{}", ""],
  ["line breaks as they are", '{"input":"a\nb"}', "a\nb"],
])("W-44 a model that wrote %s is understood as far as it goes", (_, text, input) => {
  expect(streamed([text]).input).toBe(input)
})

test("W-44 an input that was cut off at the token limit keeps what came", () => {
  const cut = '{"input":"*** Begin\\nPat'
  expect(streamed([cut]).input).toBe("*** Begin\nPat")
  const whole = withCustomCalls({ id: null, usage: null, choices: [{ parts: [{ kind: "toolCall", id: "c", name: "apply_patch", arguments: cut }], finish: { reason: "length", word: "length", stopSequence: null } }] }, names)
  expect(whole.choices[0]?.parts[0]).toMatchObject({ arguments: "*** Begin\nPat" })
})

test("calls of functions are left alone", () => {
  expect(streamed(['{"input":"x"}'], "shell").input).toBe('{"input":"x"}')
})
