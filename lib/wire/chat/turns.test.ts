import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import type { Part } from "./part.ts"
import type { Turn } from "./request.ts"
import { callNames, markLaterSystem, mergeTurns, pairResults, splitLeadingSystem, withOpeningUser, withoutBlanks } from "./turns.ts"

const text = (words: string): Part => ({ kind: "text", text: words })
const user = (...parts: Part[]): Turn => ({ role: "user", parts })
const assistant = (...parts: Part[]): Turn => ({ role: "assistant", parts })
const system = (...parts: Part[]): Turn => ({ role: "system", parts })
const call = (id: string, name = "look"): Part => ({ kind: "toolCall", id, name, arguments: "{}" })
const result = (callId: string, words = "found"): Part => ({ kind: "toolResult", callId, name: null, content: [{ kind: "text", text: words }], failed: false })

test("W-1 all system turns that stand first are the system prompt, in their order", () => {
  const { system: leading, rest } = splitLeadingSystem([system(text("a")), system(text("b")), user(text("c")), system(text("d"))])
  expect(leading).toHaveLength(2)
  expect(rest.map(({ role }) => role)).toEqual(["user", "system"])
})

test("W-2 W-122 a later system turn keeps its place, as a marked user turn", () => {
  expect(markLaterSystem([user(text("a")), system(text("be brief")), assistant(text("b"))])).toEqual([user(text("a")), user(text("<system>\nbe brief\n</system>")), assistant(text("b"))])
})

test("W-8 blank texts are left out, and turns of nothing else with them", () => {
  expect(withoutBlanks([user(text(" \n")), assistant(text(""), call("1"))])).toEqual([assistant(call("1"))])
})

test("W-5 W-27 W-28 consecutive turns of one role become one, its results first", () => {
  expect(mergeTurns([assistant(call("1"), call("2")), user(result("1")), user(text("and?"), result("2"))])).toEqual([assistant(call("1"), call("2")), user(result("1"), result("2"), text("and?"))])
})

test("W-6 a conversation that the assistant begins gets a user before it, any other is left alone", () => {
  expect(withOpeningUser([assistant(text("hi"))]).map(({ role }) => role)).toEqual(["user", "assistant"])
  const turns = [user(text("hi"))]
  expect(withOpeningUser(turns)).toBe(turns)
})

test("W-32 a call without a result gets one, a result without a call becomes a text, and nothing is lost", () => {
  const paired = pairResults([user(text("go")), assistant(call("1"), call("2")), user(result("2"), result("gone", "old news"), text("next"))])
  expect(paired[2]?.parts).toMatchObject([
    { kind: "toolResult", callId: "1", failed: true },
    { kind: "toolResult", callId: "2", failed: false },
    { kind: "text", text: expect.stringContaining("gone") as string },
    { kind: "text", text: "old news" },
    { kind: "text", text: "next" },
  ])
})

test("W-32 calls that nobody answers before the next assistant turn or the end are answered in between", () => {
  const paired = pairResults([assistant(call("1")), assistant(text("never mind"), call("2"))])
  expect(paired.map(({ role }) => role)).toEqual(["assistant", "user", "assistant", "user"])
})

test("W-36 two calls of one function keep their own results, in the order of the calls", () => {
  const paired = pairResults([assistant(call("1"), call("2")), user(result("2", "second"), result("1", "first"))])
  expect(paired[1]?.parts).toMatchObject([{ callId: "1", content: [{ text: "first" }] }, { callId: "2", content: [{ text: "second" }] }])
})

test("W-33 the name of a result's function is found through the call", () => {
  expect(callNames([assistant(call("1", "look"), call("2", "buy"))]).get("2")).toBe("buy")
})

test("W-5 W-32 20,000 turns of one role, and as many calls at once, take linear time", async () => {
  await expectLinear((size) => {
    const said = Array.from({ length: size }, (): Turn => ({ role: "user", parts: [{ kind: "text", text: "a" }] }))
    expect(mergeTurns(said)[0]?.parts).toHaveLength(size)
    const calls = Array.from({ length: size }, (_, index) => ({ kind: "toolCall" as const, id: `c${index}`, name: "f", arguments: "{}" }))
    const results = calls.map(({ id }) => ({ kind: "toolResult" as const, callId: id, name: null, content: [], failed: false }))
    const paired = pairResults([{ role: "assistant", parts: calls }, { role: "user", parts: results.toReversed() }])
    expect(paired[1]?.parts.map((part) => part.kind === "toolResult" && part.callId)).toEqual(results.map(({ callId }) => callId))
  }, 20_000)
})
