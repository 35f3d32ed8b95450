import { expect, test } from "vitest"
import { z } from "zod"
import { formInput } from "./form-input.ts"
import { describeIssue } from "./input-errors.ts"

function form(...entries: [string, string][]): FormData {
  const data = new FormData()
  for (const [name, value] of entries) data.append(name, value)
  return data
}

test("dots nest, brackets make lists, empty texts are absent, the framework's fields are dropped", () => {
  const data = form(["name", "laptop"], ["budget.amount", "1.00"], ["budget.period", "total"], ["models[]", "a"], ["models[]", "b"], ["expires", ""], ["$ACTION_REF_1", ""])
  expect(formInput(data)).toEqual({ name: "laptop", budget: { amount: "1.00", period: "total" }, models: ["a", "b"] })
})

test("what no database holds is left out", () => {
  expect(formInput(form(["name", "lap\0top"], ["models[]", "\0a"], ["expires", "\0"]))).toEqual({ name: "laptop", models: ["a"] })
})

test("a form cannot reach into an object's prototype", () => {
  expect(formInput(form(["__proto__.isOperator", "1"], ["constructor.x", "1"], ["a.__proto__.b", "1"]))).toEqual({})
  expect(({} as { isOperator?: string }).isOperator).toBeUndefined()
})

test("every fault of an input names the field and a message", () => {
  const schema = z.object({
    email: z.email(),
    name: z.string().min(1).max(3),
    password: z.string().min(10),
    count: z.number().min(1).max(9),
    role: z.enum(["a", "b"]),
    own: z.string().refine(() => false, { error: "errors.keys.badName" }),
    inner: z.object({ deep: z.string() }),
  })
  const parsed = schema.safeParse({ email: "x", name: "four", password: "short", count: 10, role: "c", own: "", inner: {} }, { reportInput: true })
  expect(parsed.error?.issues.map(describeIssue)).toEqual([
    { field: "email", key: "input.email" },
    { field: "name", key: "input.tooLong", params: { maximum: 3 } },
    { field: "password", key: "input.tooShort", params: { minimum: 10 } },
    { field: "count", key: "input.most", params: { maximum: "9" } },
    { field: "role", key: "input.invalid" },
    { field: "own", key: "keys.badName" },
    { field: "inner.deep", key: "input.required" },
  ])
})
