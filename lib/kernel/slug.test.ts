import { expect, test } from "vitest"
import { slugOf } from "./slug.ts"

test("a slug holds lower-case letters, digits and single hyphens, none at the ends", () => {
  for (const [name, slug] of [["Acme & Co.", "acme-co"], ["  Übung École ", "ubung-ecole"], ["A--B", "a-b"], ["x".repeat(80), "x".repeat(40)]] as const) {
    expect(slugOf(name, "org")).toBe(slug)
  }
})

test("a name that leaves nothing becomes the fallback", () => {
  expect(slugOf("智谱清言", "org")).toBe("org")
  expect(slugOf("!!!", "org")).toBe("org")
})
