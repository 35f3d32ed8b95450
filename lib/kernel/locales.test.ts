import { expect, test } from "vitest"
import { chooseLocale } from "./locales.ts"

test("the reader's own choice wins over the browser's", () => {
  expect(chooseLocale("zh-CN", "en-US,en;q=0.9")).toBe("zh-CN")
  expect(chooseLocale("en", "zh-CN")).toBe("en")
})

test("a cookie that names no language of ours is ignored", () => {
  expect(chooseLocale("../../etc/passwd", "zh")).toBe("zh-CN")
})

test.each([
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"],
  ["zh-Hans-SG", "zh-CN"],
  ["fr-FR,zh;q=0.4,en;q=0.7", "en"],
  ["fr, de;q=0.9", "en"],
  ["en;q=0, zh;q=0.1", "zh-CN"],
  ["zh;q=oops", "en"],
  ["", "en"],
  [null, "en"],
])("Accept-Language %j is answered in %s", (header, locale) => {
  expect(chooseLocale(undefined, header)).toBe(locale)
})
