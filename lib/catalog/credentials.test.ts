import { describe, expect, test } from "vitest"
import { readCredential, secretsOf, shownPart } from "./credentials.ts"
import type { ProviderDefinition } from "./provider.ts"
import { findProvider } from "./providers.ts"

const provider = (id: string) => findProvider(id) as ProviderDefinition
const pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
const file = { type: "service_account", project_id: "p", private_key_id: "0123456789abcdef", private_key: pem, client_email: "t@p.example", client_id: "1", auth_uri: "https://a.example", token_uri: "https://t.example/token" }

describe("a credential", () => {
  test("of one string is kept as it is", () => {
    expect(readCredential(provider("openai"), "sk-1")).toEqual({ ok: true, value: "sk-1" })
    expect(readCredential(provider("bedrock"), "ABSKQmVk")).toEqual({ ok: true, value: "ABSKQmVk" })
    expect(readCredential(provider("azure-openai"), "0123abcd")).toEqual({ ok: true, value: "0123abcd" })
  })

  test("of several parts is always the same text, with what is needed of it and no more", () => {
    const once = readCredential(provider("vertex"), JSON.stringify(file, null, 2))
    const again = readCredential(provider("vertex"), JSON.stringify(Object.fromEntries(Object.entries(file).reverse())))
    expect(once).toEqual(again)
    expect(once.ok && Object.keys(JSON.parse(once.value) as object)).toEqual(["type", "private_key_id", "private_key", "client_email", "token_uri"])
    expect(once.ok && readCredential(provider("vertex"), once.value)).toEqual(once)
  })

  test.each([
    ["openai", '{"accessKeyId":"a","secretAccessKey":"b"}', "object"],
    ["bedrock", '{"accessKeyId":"a"}', "aws"],
    ["bedrock", '{"accessKeyId":"a","secretAccessKey":"b","region":"us-east-1"}', "aws"],
    ["bedrock", '{"accessKeyId":', "aws"],
    ["azure-openai", '{"tenantId":"t","clientId":"c"}', "entra"],
    ["vertex", "ya29.token", "google"],
    ["vertex", '{"type":"authorized_user","client_id":"c"}', "google"],
    ["vertex", JSON.stringify({ ...file, private_key: "no key" }), "google"],
    ["vertex", JSON.stringify({ ...file, token_uri: "file:///etc/passwd" }), "google"],
  ])("of %s cannot be %s", (id, text, problem) => {
    expect(readCredential(provider(id), text)).toEqual({ ok: false, error: problem })
  })

  test("is known afterwards by a part that is no secret", () => {
    expect(shownPart('{"accessKeyId":"AKIAEXAMPLE00000WXYZ","secretAccessKey":"s"}')).toBe("AKIAEXAMPLE00000WXYZ")
    expect(shownPart(JSON.stringify(file))).toBe("0123456789abcdef")
    expect(shownPart("sk-1")).toBe("sk-1")
  })

  test("has every secret part of it hidden, and not what everybody may see", () => {
    expect(secretsOf('{"accessKeyId":"AKIA","secretAccessKey":"s3cret","sessionToken":"t0ken"}').slice(1)).toEqual(["s3cret", "t0ken"])
    expect(secretsOf(JSON.stringify(file))).toContain(pem)
    expect(secretsOf(JSON.stringify(file))).not.toContain("t@p.example")
  })
})
