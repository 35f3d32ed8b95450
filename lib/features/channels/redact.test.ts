import { expect, test } from "vitest"
import { redact } from "./redact.ts"

test("neither the secret nor anything that looks like one is left in an upstream's words", () => {
  expect(redact("Incorrect API key provided: sk-proj-abc123def456. Header was Bearer xyz.", ["0123456789.abcdef"])).toBe("Incorrect API key provided: •••. Header was Bearer •••")
  expect(redact("key 0123456789.abcdef is unknown, 0123456789.abcdef", ["0123456789.abcdef"])).toBe("key ••• is unknown, •••")
  expect(redact("Incorrect API key: sk-ab***********yz12", [])).toBe("Incorrect API key: •••")
})

test("words are one line, no longer than a person reads", () => {
  expect(redact("a\n\n  b", [])).toBe("a b")
  expect(redact("x".repeat(5_000), [])).toHaveLength(400)
})

test("an empty secret redacts nothing", () => {
  expect(redact("plain words", [""])).toBe("plain words")
})
