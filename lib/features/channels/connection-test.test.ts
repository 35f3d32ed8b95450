import { expect, test } from "vitest"
import { resolveEndpoints } from "#lib/catalog/endpoints.ts"
import type { ProviderDefinition, Settings } from "#lib/catalog/provider.ts"
import { findProvider } from "#lib/catalog/providers.ts"
import type { UpstreamRequest } from "#lib/gateway/ports.ts"
import { testConnection } from "./connection-test.ts"

const clock = { now: () => 0, monotonic: () => 0 }

/** What a test of this channel sends, and what it comes to where each call fails in this way. */
async function tested(id: string, upstreamModel: string, settings: Settings, secret: string) {
  const provider = findProvider(id) as ProviderDefinition
  const endpoints = resolveEndpoints(provider, null, {}, settings)
  if (!endpoints.ok) throw new Error(endpoints.error.error)
  const requests: UpstreamRequest[] = []
  const upstream = {
    call(request: UpstreamRequest, sink: { onFailure(failure: { kind: "unauthorized"; detail: string }): void }) {
      requests.push(request)
      queueMicrotask(() => sink.onFailure({ kind: "unauthorized", detail: "the token endpoint answered 401: s3cret-part" }))
      return { resume() {}, abort() {} }
    },
  }
  const results = await testConnection({ upstream, clock }, { provider, endpoints: endpoints.value, settings, secret, upstreamModel, allowPrivateNetwork: false })
  return { requests, results }
}

const accessKey = JSON.stringify({ accessKeyId: "AKIA", secretAccessKey: "s3cret-part" })
const host = "https://bedrock-runtime.us-east-1.amazonaws.com"

test("a cloud's channel is tried in each dialect that its model is asked in, as the gateway would", async () => {
  const { requests } = await tested("bedrock", "us.anthropic.claude-x", { region: "us-east-1" }, accessKey)
  expect(requests.map(({ url }) => url)).toEqual([`${host}/model/us.anthropic.claude-x/invoke`, `${host}/model/us.anthropic.claude-x/converse`])
  expect(requests.map(({ credential }) => credential)).toEqual(Array(2).fill({ scheme: "aws", secret: accessKey, settings: { region: "us-east-1" } }))
  expect(JSON.parse(requests[0]?.body.toString() ?? "")).toEqual({ max_tokens: 16, messages: [{ role: "user", content: "Say ok." }], anthropic_version: "bedrock-2023-05-31" })
  expect((await tested("bedrock", "amazon.nova-pro-v1:0", { region: "us-east-1" }, accessKey)).requests.map(({ url }) => url)).toEqual([`${host}/model/amazon.nova-pro-v1:0/converse`])
})

test("a token that is not to be had is what the test shows, without the secret", async () => {
  const { results } = await tested("azure-openai", "deployment", { resource: "r" }, JSON.stringify({ tenantId: "t", clientId: "c", clientSecret: "s3cret-part" }))
  expect(results.map(({ ok, problem }) => [ok, problem])).toEqual([[false, "unauthorized"], [false, "unauthorized"]])
  expect(results[0]?.words).toBe("the token endpoint answered 401: •••")
})
