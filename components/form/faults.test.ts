import { expect, test } from "vitest"
import { faultOf } from "./faults.ts"

test("a valid control has no fault", () => {
  expect(faultOf({ validity: { valid: true }, type: "text" })).toBeNull()
})

test("each of HTML's verdicts becomes a fault with its bound, a missing value before all others", () => {
  const fault = (validity: object, rest: object = {}) => faultOf({ validity: { valid: false, ...validity }, type: "text", ...rest })
  expect(fault({ valueMissing: true, tooShort: true })).toEqual({ kind: "missing" })
  expect(fault({ typeMismatch: true }, { type: "email" })).toEqual({ kind: "email" })
  expect(fault({ typeMismatch: true }, { type: "url" })).toEqual({ kind: "url" })
  expect(fault({ tooShort: true }, { minLength: 10 })).toEqual({ kind: "short", min: 10 })
  expect(fault({ tooLong: true }, { maxLength: 80 })).toEqual({ kind: "long", max: 80 })
  expect(fault({ rangeUnderflow: true }, { min: "1" })).toEqual({ kind: "below", min: "1" })
  expect(fault({ rangeOverflow: true }, { max: "9" })).toEqual({ kind: "above", max: "9" })
})

test("a fault that HTML has no word of ours for is still a fault", () => {
  expect(faultOf({ validity: { valid: false, patternMismatch: true }, type: "text" })).toEqual({ kind: "form" })
})
