import { expect, test } from "vitest"
import { readDocument, writeProblem } from "./document.ts"

const read = (text: string, environment = {}) => {
  const document = readDocument(text, environment)
  return { ...document, problems: document.problems.map((problem) => writeProblem("t.yaml", problem)) }
}

test("variables are filled into texts, more than one in a text, and never into keys or comments", () => {
  const { value, problems } = read('a: "${X}"\nb: x-${X}-${Y} # ${NOBODY}\nc: ["${Y}", 1]\n${X}: 1\n', { X: "one", Y: "two" })
  expect(problems).toEqual([])
  expect(value).toEqual({ a: "one", b: "x-one-two", c: ["two", 1], "${X}": 1 })
})

test("a filled-in value is a text, whatever it looks like, and is not filled again", () => {
  expect(read("a: ${X}\nb: ${Y}\n", { X: "0123", Y: "${X}" }).value).toEqual({ a: "0123", b: "${X}" })
})

test("a missing or empty variable is named with its line, all of them at once", () => {
  const { problems } = read("a: 1\nb: ${MISSING}\nc:\n  - x\n  - ${EMPTY}\n", { EMPTY: "" })
  expect(problems).toEqual(["t.yaml:2: the environment variable MISSING is not set", "t.yaml:5: the environment variable EMPTY is not set"])
})

test("a variable that is not written right is refused", () => {
  expect(read("a: ${not a name}\n").problems).toEqual(["t.yaml:1: a variable is written ${NAME}, with letters, digits and underscores"])
})

test("a text that no database holds is refused with its line", () => {
  expect(read('a: 1\nb: "x\\0y"\n').problems).toEqual(["t.yaml:2: a text may not hold the character U+0000"])
})

test("broken YAML and doubled keys are refused with their line", () => {
  expect(read("a: [1\nb: 2\n").problems[0]).toMatch(/^t\.yaml:[12]: /)
  expect(read("a: 1\na: 2\n").problems[0]).toMatch(/^t\.yaml:2: Map keys must be unique/)
})

test("a path is found on its line: a member by its name, what is missing by what is around it, also behind an alias", () => {
  const { locate } = read("list:\n  - name: x\n    amount: 1\n  - &second\n    name: y\nagain: *second\n")
  expect(locate(["list", 0, "amount"]).line).toBe(3)
  expect(locate(["list", 1]).line).toBe(5)
  expect(locate(["list", 0, "missing"]).line).toBe(2)
  expect(locate(["again", "name"]).line).toBe(5)
  expect(locate(["nowhere", "at", "all"]).line).toBe(1)
})

test("aliases that multiply without end are refused", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`)
  expect(read(["l0: &l0 [x, x]", ...levels, ""].join("\n")).problems[0]).toMatch(/alias/i)
})
