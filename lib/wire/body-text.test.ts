import { expect, test } from "vitest"
import { byteTextOf, textOf } from "./body-text.ts"

const chinese = Buffer.from('{"model":"模型"}')
const ascii = Buffer.from('{"model":"m"}')

test("a body of ASCII is the same text in both ways, and any other has one character per byte in the second", () => {
  expect(textOf(ascii)).toBe('{"model":"m"}')
  expect(byteTextOf(ascii)).toBe('{"model":"m"}')
  expect(textOf(chinese)).toBe('{"model":"模型"}')
  expect(byteTextOf(chinese)).toBe(chinese.toString("latin1"))
})

test("one body's text is never given out as another's", () => {
  textOf(ascii)
  expect(byteTextOf(chinese)).toBe(chinese.toString("latin1"))
  textOf(chinese)
  expect(byteTextOf(ascii)).toBe('{"model":"m"}')
  textOf(ascii)
  expect(byteTextOf(Buffer.from(ascii))).toBe('{"model":"m"}')
})

test("bytes that are no UTF-8 have no text, also where they would be one character each", () => {
  expect(textOf(Buffer.from([0x7b, 0xff, 0x7d]))).toBeNull()
  expect(textOf(Buffer.from([0xc3]))).toBeNull()
})
