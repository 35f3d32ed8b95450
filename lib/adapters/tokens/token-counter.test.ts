import fc from "fast-check"
import { countTokens } from "gpt-tokenizer/encoding/o200k_base"
import { readFileSync } from "node:fs"
import { afterEach, expect, test } from "vitest"
import { countTexts, piecesOf } from "./count.ts"
import { createTokenCounter, type TokenCounterOptions } from "./token-counter.ts"

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((counter) => counter.close()))
})

function counterOf(options: Partial<TokenCounterOptions> = {}) {
  const warnings: string[] = []
  const counter = createTokenCounter({ timeoutMs: 30_000, warn: (detail) => void warnings.push(detail), ...options })
  open.push(counter)
  return { counter, warnings }
}

const prose = readFileSync(new URL("../../../docs/dialects.md", import.meta.url), "utf8")
const chinese = "每个团队都有自己的钱包、预算和密钥，网关只负责把请求送到合适的渠道。".repeat(100)

test("W-128 texts are counted as OpenAI's tokenizer counts them, in both encodings", async () => {
  const { counter } = counterOf()
  const [o200k, cl100k, chineseTokens] = await Promise.all([counter.count([prose, "hello"], "o200k_base"), counter.count(["tiktoken is great!"], "cl100k_base"), counter.count([chinese], "o200k_base")])
  // OpenAI cookbook: “tiktoken is great!” is six tokens in cl100k_base.
  expect(cl100k).toBe(6)
  expect(Math.abs((o200k ?? 0) / (countTokens(prose) + 1) - 1)).toBeLessThan(0.01)
  expect(Math.abs((chineseTokens ?? 0) / countTokens(chinese) - 1)).toBeLessThan(0.02)
})

test("a text that looks like a vocabulary's own marks is counted like any other", async () => {
  expect(await counterOf().counter.count(["<|endoftext|> and <|im_start|>"], "o200k_base")).toBeGreaterThan(4)
})

test("the loop goes on while the vocabulary is loaded and a megabyte is counted", async () => {
  const { counter } = counterOf()
  let longestMs = 0
  let last = performance.now()
  const beat = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 5)
  expect(await counter.count(["a".repeat(500_000), prose.repeat(50)], "o200k_base")).toBeGreaterThan(10_000)
  clearInterval(beat)
  expect(longestMs).toBeLessThan(400)
})

test("more prompts than may wait get no count, and those that wait get theirs", async () => {
  const { counter } = counterOf({ waitingMax: 2 })
  const counts = await Promise.all([1, 2, 3, 4].map(() => counter.count(["hello world"], "o200k_base")))
  expect(counts).toEqual([2, 2, null, null])
  expect(await counter.count(["hello"], "o200k_base")).toBe(1)
})

test("a count that takes too long is given up with its thread, and the next one gets a new thread", async () => {
  const slow = counterOf({ timeoutMs: 1 })
  expect(await slow.counter.count([prose], "o200k_base")).toBeNull()
  expect(slow.warnings).toEqual(["a count took longer than 1 ms"])
  const { counter } = counterOf({ idleMs: 10 })
  expect(await counter.count(["hello"], "o200k_base")).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await counter.count(["hello"], "o200k_base")).toBe(1)
})

test("closing answers those who wait", async () => {
  const { counter } = counterOf()
  const waiting = counter.count([prose], "o200k_base")
  await counter.close()
  expect(await waiting).toBeNull()
})

test("the pieces of a text are the text, and none is longer than its bound", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ maxLength: 50 }), fc.constant("a".repeat(2_500)), fc.constant(" ".repeat(1_500)), fc.constant("\n"))).map((parts) => parts.join("")), (text) => {
      const pieces = [...piecesOf(text)]
      expect(pieces.join("")).toBe(text)
      expect(pieces.every(({ length }) => length > 0 && length <= 1_000)).toBe(true)
    }),
  )
  expect(countTexts(["ab", ""], (piece) => piece.length)).toBe(2)
})
