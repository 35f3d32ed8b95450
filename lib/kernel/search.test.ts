import { expect, test } from "vitest"
import { isFound, SEARCH_CHARACTERS_MAX, searchOf } from "./search.ts"

test("each word is looked for in every text, whatever its case", () => {
  expect(isFound("GLM coding", ["glm-5.3", "Coding plan"])).toBe(true)
  expect(isFound("glm openai", ["glm-5.3", "Coding plan", null])).toBe(false)
  expect(isFound("研发", ["北京研发中心"])).toBe(true)
})

test("an empty search finds everything, and a word nothing where there is no text", () => {
  expect(isFound("", ["anything"])).toBe(true)
  expect(isFound("", [null])).toBe(true)
  expect(isFound("word", [null])).toBe(false)
})

test("an address's search is trimmed and bounded, and one that is given twice is none", () => {
  expect(searchOf("  glm ")).toBe("glm")
  expect(searchOf("x".repeat(SEARCH_CHARACTERS_MAX + 1))).toHaveLength(SEARCH_CHARACTERS_MAX)
  expect(searchOf(["a", "b"])).toBe("")
  expect(searchOf(undefined)).toBe("")
})
