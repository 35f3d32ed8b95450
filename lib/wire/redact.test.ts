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
  ["Credential=AKIAIOSFODNN7EXAMPLE/20261125/us-east-1/bedrock/aws4_request", "AKIAIOSFODNN7EXAMPLE"],
  ["the key ABSKQmVkcm9ja0FQSUtleS1 is expired", "ABSKQmVkcm9ja0FQSUtleS1"],
  ["x-amz-security-token:IQoJb3JpZ2luX2VjEJr//8=", "IQoJb3JpZ2luX2VjEJr"],
  ["… SignedHeaders=host, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", "5d672d79"],
  ["invalid token ya29.a0AfH6SMBx-y_z", "a0AfH6SMBx"],
  ["invalid token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ0In0.c2lnbmF0dXJl", "eyJpc3MiOiJ0In0"],
  ["-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----", "MIIEvQIBADANBg"],
])("W-111 of a cloud's words %s, the secret is taken out", (words, secret) => {
  expect(redact(`It said: ${words}.`, [], [])).not.toContain(secret)
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
