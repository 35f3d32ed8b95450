import { expect, test } from "vitest"
import { redact } from "./redact.ts"
import { readUpstreamWords } from "./upstream-words.ts"

test("W-111 addresses and credentials of every form leave no trace in a provider's words", () => {
  const words =
    "Incorrect API key provided: sk-proj-abc***xyz, see https://api.secret-host.example/v1/keys?x=1. Bearer abcdef123456 at 10.1.2.3:8080 [fd00::1]:80, key 0123456789abcdef0123456789abcdef.AbCdEfGhIj, AIzaSyA1234567890, custom-secret, secret-host"
  const clean = redact(words, ["custom-secret"], ["secret-host"])
  for (const part of ["sk-proj", "secret-host", "abcdef123456", "10.1.2.3", "fd00", "0123456789abcdef", "AIza", "custom-secret"]) expect(clean).not.toContain(part)
  expect(redact("messages[2].content must not be empty at 12:30", [], [])).toBe("messages[2].content must not be empty at 12:30")
})

test.each([
  ['{"error":{"message":"a","code":"b","param":"c"}}', { message: "a", code: "b", param: "c" }],
  ['{"error":"a"}', { message: "a", code: null, param: null }],
  ['{"code":1113,"msg":"a"}', { message: "a", code: "1113", param: null }],
  ['[{"error":{"message":"a","code":429}}]', { message: "a", code: "429", param: null }],
  ['{"detail":"a"}', { message: "a", code: null, param: null }],
  ["<!doctype html>", null],
  ["Bad Gateway", null],
  ['{"broken', null],
  ["", null],
])("W-111 the words of %s are read", (body, expected) => {
  expect(readUpstreamWords(body)).toEqual(expected)
})
