import { createVerify, generateKeyPairSync } from "node:crypto"
import { expect, test } from "vitest"
import type { CloudCredential, UpstreamFailure, UpstreamRequest, UpstreamSink } from "#lib/gateway/ports.ts"
import { withAuthorization } from "./authorization.ts"

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
const tokenUri = "https://oauth2.example/token"
const account = JSON.stringify({ type: "service_account", private_key_id: "kid-1", private_key: pem, client_email: "turnpike@p.iam.example", token_uri: tokenUri })
const google: CloudCredential = { scheme: "google", secret: account, settings: {} }
const entra: CloudCredential = { scheme: "entra", secret: JSON.stringify({ tenantId: "tenant", clientId: "client", clientSecret: "s3cret-of-the-app" }), settings: {} }
const entraUrl = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"

const HOUR_MS = 3_600_000

/** A network that keeps what it is asked; calls for tokens wait for the test, all others answer at once. */
function world() {
  const time = { now: Date.UTC(2026, 10, 25, 12), monotonic: 5_000 }
  const calls: UpstreamRequest[] = []
  const grants: { readonly request: UpstreamRequest; readonly sink: UpstreamSink; aborted: boolean }[] = []
  let status = 200
  const upstream = withAuthorization(
    {
      call(request, sink) {
        if (request.url === tokenUri || request.url === entraUrl) {
          const grant = { request, sink, aborted: false }
          grants.push(grant)
          return { resume() {}, abort: () => void (grant.aborted = true) }
        }
        calls.push(request)
        queueMicrotask(() => {
          sink.onHead(status, {})
          sink.onEnd()
        })
        return { resume() {}, abort() {} }
      },
    },
    { clock: { now: () => time.now, monotonic: () => time.monotonic } },
  )
  const call = (credential?: CloudCredential, changes: Partial<UpstreamRequest> = {}) => {
    const outcome: { status: number | null; failure: UpstreamFailure | null } = { status: null, failure: null }
    const request = { url: "https://api.example/x", headers: { "content-type": "application/json" }, body: Buffer.from("{}"), allowPrivateNetwork: false, ...(credential && { credential }), ...changes }
    const handle = upstream.call(request, { onHead: (code) => void (outcome.status = code), onData: () => true, onEnd() {}, onFailure: (failure) => void (outcome.failure = failure) })
    return { outcome, ...handle }
  }
  const grant = (body: object | string, code = 200) => {
    const { sink } = grants.at(-1)!
    sink.onHead(code, {})
    sink.onData(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)))
    sink.onEnd()
    return soon()
  }
  return { time, calls, grants, call, grant, answers: (code: number) => void (status = code), authorizations: () => calls.map(({ headers }) => headers["authorization"]) }
}
const soon = () => new Promise((resolve) => setImmediate(resolve))

test("a call without such a credential is handed on as it is, at once", () => {
  const { call, calls } = world()
  call()
  expect(calls).toEqual([expect.not.objectContaining({ credential: expect.anything() as unknown })])
  expect(calls[0]?.headers).toEqual({ "content-type": "application/json" })
})

test("keys of one string need no promise: Bedrock's is a bearer, Azure's a header of its own", () => {
  const { call, calls } = world()
  call({ scheme: "aws", secret: "ABSKkey", settings: { region: "us-east-1" } })
  call({ scheme: "entra", secret: "azure-key", settings: {} })
  expect(calls.map(({ headers }) => headers)).toEqual([
    { "content-type": "application/json", authorization: "Bearer ABSKkey" },
    { "content-type": "application/json", "api-key": "azure-key" },
  ])
})

test("an access key signs each call for the channel's region, whatever the host", () => {
  const { call, calls } = world()
  call({ scheme: "aws", secret: '{"accessKeyId":"AKIA","secretAccessKey":"s","sessionToken":"t"}', settings: { region: "eu-west-1" } })
  expect(calls[0]?.headers).toMatchObject({ "x-amz-date": "20261125T120000Z", "x-amz-security-token": "t" })
  expect(calls[0]?.headers["authorization"]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\/20261125\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/)
})

test("a service account asks for its token with a statement that its key has signed", async () => {
  const { call, calls, grants, grant } = world()
  call(google)
  expect(calls).toEqual([])
  const form = new URLSearchParams(grants[0]!.request.body.toString())
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer")
  const [header = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".")
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "RS256", typ: "JWT", kid: "kid-1" })
  const now = Date.UTC(2026, 10, 25, 12) / 1000
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({ iss: "turnpike@p.iam.example", scope: "https://www.googleapis.com/auth/cloud-platform", aud: tokenUri, iat: now, exp: now + 3_600 })
  expect(createVerify("RSA-SHA256").update(`${header}.${claims}`).verify(publicKey, signature, "base64url")).toBe(true)
  await grant({ access_token: "ya29.one", expires_in: 3599, token_type: "Bearer" })
  expect(calls[0]?.headers).toEqual({ "content-type": "application/json", authorization: "Bearer ya29.one" })
})

test("Azure's two styles are asked with tokens of their own, each fetched once", async () => {
  const { call, grants, grant, authorizations } = world()
  const v1 = { url: "https://r.openai.azure.com/openai/v1/chat/completions" }
  const dated = { url: "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21" }
  call(entra, v1)
  await grant({ access_token: "eyJ.foundry", expires_in: 3599 })
  call(entra, dated)
  await grant({ access_token: "eyJ.cognitive", expires_in: 3599 })
  call(entra, v1)
  call(entra, dated)
  await soon()
  expect(grants.map(({ request }) => new URLSearchParams(request.body.toString()).get("scope"))).toEqual(["https://ai.azure.com/.default", "https://cognitiveservices.azure.com/.default"])
  expect(authorizations()).toEqual(["Bearer eyJ.foundry", "Bearer eyJ.cognitive", "Bearer eyJ.foundry", "Bearer eyJ.cognitive"])
})

test("an application of Entra asks with its secret", async () => {
  const { call, grants, grant, authorizations } = world()
  call(entra)
  expect(Object.fromEntries(new URLSearchParams(grants[0]!.request.body.toString()))).toEqual({ grant_type: "client_credentials", client_id: "client", client_secret: "s3cret-of-the-app", scope: "https://cognitiveservices.azure.com/.default" })
  await grant({ access_token: "eyJ.one", expires_in: 3599 })
  expect(authorizations()).toEqual(["Bearer eyJ.one"])
})

test("calls that need the same token wait for one request, and later ones take it from memory at once", async () => {
  const { call, calls, grants, grant } = world()
  for (let n = 0; n < 20; n++) call(google)
  expect(grants).toHaveLength(1)
  await grant({ access_token: "one", expires_in: 3600 })
  expect(calls).toHaveLength(20)
  call(google)
  expect(calls).toHaveLength(21)
  expect(grants).toHaveLength(1)
})

test("a token is refreshed ahead of its end while it goes on being used, and not used in its last seconds", async () => {
  const { time, call, grants, grant, authorizations } = world()
  call(google)
  await grant({ access_token: "one", expires_in: 3600 })
  time.monotonic += HOUR_MS - 299_000
  call(google)
  call(google)
  expect(grants).toHaveLength(2)
  expect(authorizations()).toEqual(["Bearer one", "Bearer one", "Bearer one"])
  await grant({ access_token: "two", expires_in: 3600 })
  call(google)
  expect(authorizations().at(-1)).toBe("Bearer two")
  time.monotonic += HOUR_MS - 29_000
  call(google)
  expect(authorizations()).toHaveLength(4)
  await grant({ access_token: "three", expires_in: 3600 })
  expect(authorizations().at(-1)).toBe("Bearer three")
})

test("a refresh that fails ahead of time leaves the present token in use, and is not repeated with each call", async () => {
  const { time, call, grants, grant, authorizations } = world()
  call(google)
  await grant({ access_token: "one", expires_in: 3600 })
  time.monotonic += HOUR_MS - 200_000
  call(google)
  await grant("<html>", 503)
  call(google)
  call(google)
  expect(grants).toHaveLength(2)
  expect(authorizations()).toEqual(["Bearer one", "Bearer one", "Bearer one", "Bearer one"])
  time.monotonic += 10_000
  call(google)
  expect(grants).toHaveLength(3)
})

test("a token that the provider refuses is not used again", async () => {
  const { call, grants, grant, answers, authorizations } = world()
  call(google)
  answers(401)
  await grant({ access_token: "one", expires_in: 3600 })
  await soon()
  call(google)
  expect(grants).toHaveLength(2)
  answers(200)
  await grant({ access_token: "two", expires_in: 3600 })
  expect(authorizations()).toEqual(["Bearer one", "Bearer two"])
})

test.each([
  ["is refused", { error: "invalid_client", error_description: "AADSTS7000215: the secret s3cret-of-the-app is wrong" }, 401],
  ["is none", { token: "x" }, 200],
  ["would be another header", { access_token: "a\r\nx-evil: 1" }, 200],
  ["is a web page", "<html>", 502],
])("a token that %s fails the call as unauthorized, and no secret is in what the log gets", async (_, body, status) => {
  const { call, calls, grant } = world()
  const { outcome } = call(entra)
  await grant(body, status)
  expect(outcome.failure?.kind).toBe("unauthorized")
  expect(outcome.failure?.detail).toMatch(/^the token endpoint answered/)
  expect(outcome.failure?.detail).not.toContain("s3cret")
  expect(calls).toEqual([])
})

test("a key that is none fails the call, and the next one tries again", async () => {
  const { call, grants } = world()
  const broken: CloudCredential = { ...google, secret: JSON.stringify({ ...(JSON.parse(account) as object), private_key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" }) }
  const { outcome } = call(broken)
  await soon()
  expect(outcome.failure).toMatchObject({ kind: "unauthorized", detail: expect.stringContaining("the credential cannot be used") as unknown })
  expect(outcome.failure?.detail).not.toContain("AAAA")
  expect(grants).toEqual([])
})

test("a token endpoint that cannot be reached fails the call as unauthorized, and is asked again by the next call", async () => {
  const { call, grants } = world()
  const { outcome } = call(google)
  grants[0]!.sink.onFailure({ kind: "refusedAddress", detail: "169.254.169.254" })
  await soon()
  expect(outcome.failure?.kind).toBe("unauthorized")
  expect(outcome.failure?.detail).not.toContain("169.254.169.254")
  call(google)
  expect(grants).toHaveLength(2)
})

test("the token endpoint is reached under the channel's own rule of addresses, and its token is no other channel's", async () => {
  const { call, grants, grant } = world()
  call(google, { allowPrivateNetwork: true })
  expect(grants[0]?.request.allowPrivateNetwork).toBe(true)
  await grant({ access_token: "private", expires_in: 3600 })
  call(google)
  expect(grants).toHaveLength(2)
  expect(grants[1]?.request.allowPrivateNetwork).toBe(false)
})

test("a call that is aborted while it waits for its token is never sent", async () => {
  const { call, calls, grant } = world()
  const { outcome, abort } = call(google)
  abort()
  await grant({ access_token: "one", expires_in: 3600 })
  expect(calls).toEqual([])
  expect(outcome).toEqual({ status: null, failure: null })
})
