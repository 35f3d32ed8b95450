import { fileURLToPath } from "node:url"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { judge, planted, readMutants } from "./mutant.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

test("a fault is planted where its place stands once, and nowhere otherwise", () => {
  expect(planted("a + b", { find: "+", replace: "-" })).toBe("a - b")
  expect(planted("a + b", { find: "*", replace: "-" })).toBeNull()
  expect(planted("a + b + c", { find: "+", replace: "-" })).toBeNull()
})

test("a test that was not run is told from one that passed", () => {
  const named = ["one", "two", "three"].map((name) => ({ file: "a.test.ts", name }))
  expect(judge(named, [{ name: "one", failed: true }, { name: "two", failed: false }])).toEqual({ failed: ["one"], missing: ["three"] })
})

test("every committed mutant still fits its file, changes it, and names tests of files that exist", async () => {
  const mutants = await readMutants(root, [])
  expect(mutants.length).toBeGreaterThan(0)
  for (const mutant of mutants) {
    const text = readFileSync(join(root, mutant.file), "utf8")
    expect(planted(text, mutant), `${mutant.group}/${mutant.name} has no single place in ${mutant.file}`).not.toBeNull()
    expect(mutant.replace).not.toBe(mutant.find)
    for (const { file } of mutant.tests) expect(readFileSync(join(root, file), "utf8")).toContain("test")
  }
})
