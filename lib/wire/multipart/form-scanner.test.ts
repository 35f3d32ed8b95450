import fc from "fast-check"
import { expect, test } from "vitest"
import { expectLinear } from "#test/linear.ts"
import { formEdits, readForm } from "./form.ts"
import { boundaryOf, createFormScanner } from "./form-scanner.ts"

const boundary = "----x-1"
const field = (name: string, value: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (name: string, value: string) => `--${boundary}\r\ncontent-disposition: form-data; name=${name}; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n${value}\r\n`
const form = (...parts: readonly string[]) => Buffer.from(`${parts.join("")}--${boundary}--\r\n`)

function scan(body: Buffer, cuts: readonly number[] = []) {
  const scanner = createFormScanner(boundary)
  let from = 0
  for (const cut of [...cuts, body.length]) {
    scanner.push(body.subarray(from, cut))
    from = cut
  }
  return scanner
}
const valuesOf = (body: Buffer, cuts?: readonly number[]) => scan(body, cuts).parts.map(({ name, isFile, valueStart, valueEnd, text }) => ({ name, isFile, value: body.toString("utf8", valueStart, valueEnd ?? -1), text }))

test("a form's parts are found with their values, and files are not kept", () => {
  const body = form(field("model", "whisper-1"), file("file", "\r\n--not the boundary\r\n"), field("prompt", "é\r\n"))
  expect(scan(body)).toMatchObject({ over: true, problem: null })
  expect(valuesOf(body)).toEqual([
    { name: "model", isFile: false, value: "whisper-1", text: "whisper-1" },
    { name: "file", isFile: true, value: "\r\n--not the boundary\r\n", text: "" },
    { name: "prompt", isFile: false, value: "é\r\n", text: "é\r\n" },
  ])
})

test("wherever the network cuts a form, its parts are the same", () => {
  const body = form(field("model", "m"), file("file", `${"\r\n--".repeat(20)}--${boundary.slice(0, 5)}`), field("n", ""))
  const whole = valuesOf(body)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: body.length }), { maxLength: 30 }), (cuts) => {
      expect(valuesOf(body, [...cuts].sort((a, b) => a - b))).toEqual(whole)
    }),
  )
})

test.each([
  ["has another boundary", Buffer.from(`--other\r\n${"x".repeat(20_000)}`)],
  ["has a part without a name", form(`--${boundary}\r\nContent-Type: text/plain\r\n\r\nx\r\n`)],
  ["names a part twice", form(`--${boundary}\r\nContent-Disposition: form-data; name="prompt"; name="model"\r\n\r\nx\r\n`)],
  ["names a part in two headers", form(`--${boundary}\r\nContent-Disposition: form-data; name="prompt"\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n`)],
  ["names a part on a folded line", form(`--${boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n ; x=model\r\n\r\nx\r\n`)],
  ["has something before its first delimiter", Buffer.concat([Buffer.from("preamble\r\n"), form(field("model", "m"))])],
  ["has a part behind its last delimiter", Buffer.concat([form(field("model", "m")), Buffer.from(field("model", "dearer"))])],
  ["has a delimiter behind a bare line feed, which some servers take for one", form(file("file", `x\n--${boundary}\nContent-Disposition: form-data; name="model"\n\ndearer`))],
  ["has a delimiter behind a bare carriage return", form(file("file", `x\r--${boundary}\r`))],
  ["has a header that ends in bare line feeds", form(`--${boundary}\r\nContent-Disposition: form-data; name="model"\n\ndearer\r\n\r\nm\r\n`)],
  ["has a header without an end", Buffer.from(`--${boundary}\r\nX: ${"x".repeat(20_000)}`)],
  ["has a field of the size of a file", form(field("model", "x".repeat(70_000)))],
  ["has too many parts", form(...Array.from({ length: 201 }, (_, index) => field(`f${index}`, "")))],
  ["has something behind a delimiter", Buffer.from(`--${boundary}x\r\nContent-Disposition: form-data; name="a"\r\n\r\n`)],
])("a form that %s has a problem that can be told", (_, body) => {
  expect(scan(body).problem).toEqual(expect.any(String))
})

test("a boundary within a line is part of a value, and a line may end before the first delimiter and after the last", () => {
  const body = Buffer.concat([Buffer.from("\r\n"), form(field("prompt", `see --${boundary} there`)), Buffer.from("\r\n")])
  expect(scan(body)).toMatchObject({ over: true, problem: null, parts: [{ text: `see --${boundary} there` }] })
})

test("a form that has not ended is not over", () => {
  expect(scan(form(field("model", "m")).subarray(0, -6))).toMatchObject({ over: false, problem: null })
})

test("twenty megabytes in small pieces take linear time and keep nothing of the file", async () => {
  const piece = Buffer.alloc(16 * 1024, "\r\n--")
  await expectLinear((size) => {
    const scanner = createFormScanner(boundary)
    scanner.push(Buffer.from(file("file", "").slice(0, -2)))
    for (let sent = 0; sent < size; sent += piece.length) scanner.push(piece)
    expect(scanner.parts).toMatchObject([{ isFile: true, text: "", bytes: [] }])
  }, 2.5 * 1024 * 1024)
})

test.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', "a b"],
  ["multipart/form-data", null],
  ["application/json; boundary=x", null],
  [`multipart/form-data; boundary=${"x".repeat(71)}`, null],
])("the boundary of %s is %s", (contentType, expected) => {
  expect(boundaryOf(contentType)).toBe(expected)
})

test("an edit changes the model alone, and takes out what the channel does not take with its delimiter", () => {
  const body = form(field("model", "public"), field("timestamp_granularities[]", "word"), file("file", "bytes"), field("prompt", "p"))
  const read = readForm(scan(body).parts, body.length, boundary)
  if (!read.ok) throw new Error(read.error.message)
  let edited = ""
  let from = 0
  for (const { start, end, bytes } of formEdits(read.value, "upstream-name", ["timestamp_granularities"])) {
    edited += body.toString("utf8", from, start) + bytes.toString()
    from = end
  }
  expect(edited + body.toString("utf8", from)).toBe(form(field("model", "upstream-name"), file("file", "bytes"), field("prompt", "p")).toString())
})

test("lists and objects are read as the SDKs write them", () => {
  const body = form(field("include[]", "a"), field("include[]", "b"), field("chunking_strategy[type]", "server_vad"), field("chunking_strategy[threshold]", "1"), file("image[]", "12345"))
  expect(readForm(scan(body).parts, body.length, boundary)).toMatchObject({
    ok: true,
    value: { fields: { include: ["a", "b"], chunking_strategy: { type: "server_vad", threshold: "1" } }, files: [{ name: "image", bytes: 5 }] },
  })
})

test.each([
  ["model", form(field("model", "a"), field("model", "b"))],
  ["n", form(field("n", "1"), field("n[]", "2"))],
  [undefined, form(field("images[0][file_id]", "file-1"))],
])("a form that could be read in two ways is refused: %s", (param, body) => {
  const read = readForm(scan(body).parts, body.length, boundary)
  expect([read.ok, read.ok ? null : read.error.param]).toEqual([false, param])
})
