import { expect, test } from "vitest"
import { csvLine } from "./csv.ts"

test("fields are quoted where they have to be, and an absent value is an empty field", () => {
  expect(csvLine(["a", 'say "hi", Ann', null, 3, 10n, "two\nlines"])).toBe('a,"say ""hi"", Ann",,3,10,"two\nlines"\r\n')
})

test("what a spreadsheet would run stays text, and a negative amount stays a number", () => {
  expect(csvLine(["=HYPERLINK(1)", "@x", "+1-2", "-12.50", "-a"])).toBe("'=HYPERLINK(1),'@x,'+1-2,-12.50,'-a\r\n")
})

test.each(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])("a name that begins with %j is no formula in any spreadsheet", (sign) => {
  expect(csvLine([`${sign}cmd|' /C calc'!A0`])).toMatch(/^"?'/)
})
