import { expect, test } from "vitest"
import { signAws, type SignedCall } from "./aws-signature.ts"

/** AWS Signature Version 4 test suite (aws-sig-v4-test-suite): its credentials, scope and moment. */
const credential = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }
const scope = { region: "us-east-1", service: "service", nowMs: Date.UTC(2015, 7, 30, 12, 36) }

const call = (method: string, url: string, changes: Partial<SignedCall> = {}): SignedCall => ({ method, url: new URL(url, "https://example.amazonaws.com"), headers: {}, body: "", ...changes })
const signatureOf = (headers: Readonly<Record<string, string>>) => /Signature=(\w+)$/.exec(headers["authorization"] ?? "")?.[1]

test.each([
  ["get-vanilla", call("GET", "/"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  ["post-vanilla", call("POST", "/"), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  ["get-vanilla-query-order-key-case", call("GET", "/?Param2=value2&Param1=value1"), "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"],
  ["post-header-key-sort", call("POST", "/", { headers: { "my-header1": "value1" } }), "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"],
  [
    "post-x-www-form-urlencoded",
    call("POST", "/", { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "Param1=value1" }),
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
])("AWS's test vector %s is signed as AWS signs it", (_, signed, signature) => {
  expect(signatureOf(signAws(signed, credential, scope))).toBe(signature)
})

test("AWS's documented example (IAM, ListUsers) is signed as AWS signs it", () => {
  const listUsers: SignedCall = { method: "GET", url: new URL("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"), headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }, body: "" }
  expect(signAws(listUsers, credential, { ...scope, service: "iam" })).toEqual({
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  })
})

test("a temporary key's session token is sent and signed", () => {
  const headers = signAws(call("POST", "/"), { ...credential, sessionToken: "token" }, scope)
  expect(headers["x-amz-security-token"]).toBe("token")
  expect(headers["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token")
})

test("a path is signed as it stands in the request line, each segment encoded once more", () => {
  const encoded = signAws(call("POST", "/model/a%2Fb-v1:0/converse"), credential, scope)
  expect(signatureOf(encoded)).not.toBe(signatureOf(signAws(call("POST", "/model/a/b-v1:0/converse"), credential, scope)))
})
