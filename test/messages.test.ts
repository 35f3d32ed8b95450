import { expect, test } from "vitest"
import en from "#messages/en.json" with { type: "json" }
import zhCN from "#messages/zh-CN.json" with { type: "json" }

type Messages = { readonly [key: string]: string | Messages }

const flatten = (messages: Messages, path = ""): [string, string][] =>
  Object.entries(messages).flatMap(([key, value]): [string, string][] => (typeof value === "string" ? [[path + key, value]] : flatten(value, `${path}${key}.`)))

const english = new Map(flatten(en))
const chinese = new Map(flatten(zhCN))

/** The names that an ICU message takes: arguments, and the tags of rich text. Throws where its braces do not pair. */
function placeholders(message: string): string[] {
  const found = new Set<string>()
  let at = 0
  const text = (nested: boolean): void => {
    while (at < message.length) {
      const character = message[at]
      if (character === "}") {
        if (nested) return
        throw new Error("a brace is closed that was not opened")
      }
      at++
      if (character === "{") argument()
      else if (character === "<") {
        const tag = /^\/?(\w+)>/.exec(message.slice(at))
        if (tag !== null) found.add(`<${tag[1]}>`)
      }
    }
    if (nested) throw new Error("a brace is not closed")
  }
  const argument = (): void => {
    const name = /^\s*(\w+)\s*/.exec(message.slice(at))
    if (name === null) throw new Error("a brace without a name")
    found.add(name[1] ?? "")
    at += name[0].length
    while (at < message.length && message[at] !== "}") {
      if (message[at++] !== "{") continue
      text(true)
      at++
    }
    if (at >= message.length) throw new Error("a brace is not closed")
    at++
  }
  text(false)
  return [...found].sort()
}

test("placeholders are read out of plurals and tags, and options are not taken for them", () => {
  expect(placeholders("plain")).toEqual([])
  expect(placeholders("{count, plural, =0 {none of {name}} one {# file} other {# files}} in <b>{place}</b>")).toEqual(["<b>", "count", "name", "place"])
  expect(() => placeholders("{count, plural, other {#}")).toThrow()
  expect(() => placeholders("a } b")).toThrow()
})

test("both languages have the same messages", () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
})

test("a message takes the same placeholders in both languages", () => {
  for (const [key, message] of english) expect(placeholders(chinese.get(key) ?? ""), key).toEqual(placeholders(message))
})

test("no message is empty, and Chinese ones are Chinese", () => {
  const sameInBoth = /^[\x00-\x7f\u2013\u2026·–—]*$/
  for (const [key, message] of english) {
    const translated = chinese.get(key) ?? ""
    expect(message.trim(), key).not.toBe("")
    expect(translated.trim(), key).not.toBe("")
    if (sameInBoth.test(translated)) expect(translated.replace(/\{[^}]*\}|<[^>]*>/g, "").split(/\s+/).filter(Boolean).length, `${key}: “${translated}” looks untranslated`).toBeLessThanOrEqual(2)
  }
})

test("Chinese sentences use Chinese punctuation", () => {
  for (const [key, message] of chinese) expect(message, key).not.toMatch(/\p{Script=Han}[,;!?]|[,;!?]\p{Script=Han}/u)
})
