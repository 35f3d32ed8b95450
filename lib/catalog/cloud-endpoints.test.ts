import { describe, expect, test } from "vitest"
import { hostedUrl, servesModel } from "./base-url.ts"
import { resolveEndpoints } from "./endpoints.ts"
import type { ProviderDefinition, Settings } from "./provider.ts"
import { findProvider } from "./providers.ts"
import { readSettings } from "./settings.ts"
import type { Dialect } from "#lib/wire/dialect.ts"

const provider = (id: string) => findProvider(id) as ProviderDefinition

/** The URL that a call goes to. */
function urlOf(id: string, dialect: Dialect, model: string, { settings = {}, baseUrl = null, operation = "chat" }: { settings?: Settings; baseUrl?: string | null; operation?: string } = {}): string | null {
  const endpoints = resolveEndpoints(provider(id), baseUrl, {}, settings)
  if (!endpoints.ok) throw new Error(endpoints.error.error)
  const base = endpoints.value[dialect]
  return base === undefined ? null : hostedUrl(provider(id).hosting, dialect, base, operation as "chat", model)
}

describe("Azure", () => {
  const baseUrl = "https://r.openai.azure.com"
  test.each([
    ["a dated version asks the deployment in the path", { apiVersion: "2024-10-21" }, baseUrl, "https://r.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21"],
    ["without a version the v1 API is asked", {}, baseUrl, "https://r.openai.azure.com/openai/v1/chat/completions"],
    ["v1 may be asked for by name", { apiVersion: "v1" }, baseUrl, "https://r.openai.azure.com/openai/v1/chat/completions"],
    ["a preview of v1 is named in the query", { apiVersion: "preview" }, baseUrl, "https://r.openai.azure.com/openai/v1/chat/completions?api-version=preview"],
    ["a resource names the host", { resource: "mine", apiVersion: "2024-10-21" }, null, "https://mine.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21"],
    ["a base URL overrides the host", { resource: "mine" }, "http://127.0.0.1:9/azure", "http://127.0.0.1:9/azure/openai/v1/chat/completions"],
    ["a pasted call says its version", {}, `${baseUrl}/openai/deployments/x/chat/completions?api-version=2025-01-01-preview`, "https://r.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2025-01-01-preview"],
    ["a pasted v1 base is one", {}, `${baseUrl}/openai/v1/`, "https://r.openai.azure.com/openai/v1/chat/completions"],
  ] as const)("%s", (_, settings, base, url) => {
    expect(urlOf("azure-openai", "cc", "gpt", { settings, baseUrl: base })).toBe(url)
  })

  test("responses are offered from the version on that has them", () => {
    expect(urlOf("azure-openai", "rs", "gpt", { settings: { apiVersion: "2024-10-21" }, baseUrl })).toBeNull()
    expect(urlOf("azure-openai", "rs", "gpt", { settings: { apiVersion: "2025-04-01-preview" }, baseUrl })).toBe("https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview")
    expect(urlOf("azure-openai", "rs", "gpt", { baseUrl })).toBe("https://r.openai.azure.com/openai/v1/responses")
  })

  test("without a resource and a base URL there is no address", () => {
    expect(resolveEndpoints(provider("azure-openai"), null, {}, { apiVersion: "v1" })).toEqual({ ok: false, error: { dialect: null, error: "missing" } })
  })
})

describe("Bedrock", () => {
  const settings = { region: "eu-west-1" }
  const host = "https://bedrock-runtime.eu-west-1.amazonaws.com"
  test.each([
    ["br", "amazon.nova-pro-v1:0", "chat", `${host}/model/amazon.nova-pro-v1:0/converse`],
    ["br", "amazon.nova-pro-v1:0", "chatStream", `${host}/model/amazon.nova-pro-v1:0/converse-stream`],
    ["am", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "chat", `${host}/model/eu.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke`],
    ["am", "anthropic.claude-x", "chatStream", `${host}/model/anthropic.claude-x/invoke-with-response-stream`],
    ["br", "arn:aws:bedrock:eu-west-1:1:inference-profile/x", "chat", `${host}/model/arn:aws:bedrock:eu-west-1:1:inference-profile%2Fx/converse`],
    ["am", "anthropic.claude-x", "countTokens", `${host}/model/anthropic.claude-x/count-tokens`],
    ["br", "anthropic.claude-x", "countTokens", `${host}/model/anthropic.claude-x/count-tokens`],
  ] as const)("asks %s of %s (%s) at %s", (dialect, model, operation, url) => {
    expect(urlOf("bedrock", dialect, model, { settings, operation })).toBe(url)
  })

  test("a base URL overrides the host, and China and Europe's sovereign cloud have domains of their own", () => {
    expect(urlOf("bedrock", "br", "m", { settings, baseUrl: "http://127.0.0.1:9" })).toBe("http://127.0.0.1:9/model/m/converse")
    expect(urlOf("bedrock", "br", "m", { settings, baseUrl: `${host}/model/other/converse` })).toBe(`${host}/model/m/converse`)
    expect(urlOf("bedrock", "br", "m", { settings: { region: "cn-north-1" } })).toBe("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse")
    expect(urlOf("bedrock", "br", "m", { settings: { region: "eusc-de-east-1" } })).toBe("https://bedrock-runtime.eusc-de-east-1.amazonaws.eu/model/m/converse")
  })

  test("only Claude is invoked in its maker's format", () => {
    const { hosting } = provider("bedrock")
    expect(["anthropic.claude-x", "us.anthropic.claude-x", "us-gov.anthropic.claude-x"].map((model) => servesModel(hosting, "am", model))).toEqual([true, true, true])
    expect(["amazon.nova-pro-v1:0", "arn:aws:bedrock:us-east-1:1:inference-profile/anthropic.claude"].map((model) => servesModel(hosting, "am", model))).toEqual([false, false])
    expect(servesModel(hosting, "br", "anthropic.claude-x")).toBe(true)
  })
})

describe("Vertex", () => {
  const settings = { project: "proj", region: "us-east5" }
  const at = "https://us-east5-aiplatform.googleapis.com/v1/projects/proj/locations/us-east5"
  test.each([
    ["gm", "gemini-3.8-flash", "chat", `${at}/publishers/google/models/gemini-3.8-flash:generateContent`],
    ["gm", "gemini-3.8-flash", "chatStream", `${at}/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse`],
    ["am", "claude-sonnet-4-5@20250929", "chat", `${at}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`],
    ["am", "claude-sonnet-4-5@20250929", "chatStream", `${at}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`],
    ["am", "claude-sonnet-4-5@20250929", "countTokens", `${at}/publishers/anthropic/models/count-tokens:rawPredict`],
    ["cc", "meta/llama-4", "chat", `${at}/endpoints/openapi/chat/completions`],
  ] as const)("asks %s of %s (%s) at %s", (dialect, model, operation, url) => {
    expect(urlOf("vertex", dialect, model, { settings, operation })).toBe(url)
  })

  test.each([
    [{ project: "proj", region: "global" }, null, "https://aiplatform.googleapis.com/v1/projects/proj/locations/global/publishers/google/models/m:generateContent"],
    [{ project: "proj", region: "eu" }, null, "https://aiplatform.eu.rep.googleapis.com/v1/projects/proj/locations/eu/publishers/google/models/m:generateContent"],
    [settings, "http://127.0.0.1:9/vertex", "http://127.0.0.1:9/vertex/v1/projects/proj/locations/us-east5/publishers/google/models/m:generateContent"],
    [settings, "http://127.0.0.1:9/v1beta1", "http://127.0.0.1:9/v1beta1/projects/proj/locations/us-east5/publishers/google/models/m:generateContent"],
  ])("%j at %s is %s", (given, baseUrl, url) => {
    expect(urlOf("vertex", "gm", "m", { settings: given, baseUrl })).toBe(url)
  })

  test("each model is asked in its maker's dialect alone", () => {
    const { hosting } = provider("vertex")
    const spoken = (model: string) => (["gm", "am", "cc"] as const).filter((dialect) => servesModel(hosting, dialect, model))
    expect(["gemini-3.8-flash", "claude-opus-5-5", "meta/llama-4"].map(spoken)).toEqual([["gm"], ["am"], ["cc"]])
  })
})

test.each([
  [null, "https://api.cohere.com"],
  ["https://api.cohere.ai/compatibility/v1", "https://api.cohere.ai"],
  ["https://api.cohere.com/v2/rerank", "https://api.cohere.com"],
  ["http://127.0.0.1:9/cohere", "http://127.0.0.1:9/cohere"],
])("Cohere at %s is asked to chat and to rerank below %s", (baseUrl, host) => {
  expect(urlOf("cohere", "cc", "command-a", { baseUrl })).toBe(`${host}/compatibility/v1/chat/completions`)
  expect(urlOf("cohere", "cc", "rerank-v3.5", { baseUrl, operation: "rerank" })).toBe(`${host}/v2/rerank`)
})

test.each([
  [null, "https://api.jina.ai/v1/rerank"],
  ["http://127.0.0.1:9", "http://127.0.0.1:9/v1/rerank"],
])("Jina at %s is asked to rerank at %s", (baseUrl, url) => {
  expect(urlOf("jina", "cc", "jina-reranker-v3", { baseUrl, operation: "rerank" })).toBe(url)
})

describe("settings", () => {
  test("are what the provider's channels need, and nothing else", () => {
    expect(readSettings(provider("vertex"), { project: " my-project ", region: "us-east5" })).toEqual({ ok: true, value: { project: "my-project", region: "us-east5" } })
    expect(readSettings(provider("azure-openai"), { apiVersion: "", resource: "r" })).toEqual({ ok: true, value: { resource: "r" } })
    expect(readSettings(provider("openai"), {})).toEqual({ ok: true, value: {} })
  })

  test.each([
    ["bedrock", {}, { problem: "missing", field: "region", example: "us-east-1" }],
    ["bedrock", { region: "somewhere" }, { problem: "pattern", field: "region", example: "us-east-1" }],
    ["bedrock", { region: "us-east-1.evil.example/" }, { problem: "pattern", field: "region", example: "us-east-1" }],
    ["vertex", { region: "global" }, { problem: "missing", field: "project", example: "my-project" }],
    ["azure-openai", { apiVersion: "yesterday" }, { problem: "pattern", field: "apiVersion", example: "2024-10-21" }],
    ["openai", { region: "us-east-1" }, { problem: "unknown", field: "region", example: "" }],
  ])("of %s cannot be %j", (id, given, error) => {
    expect(readSettings(provider(id), given)).toEqual({ ok: false, error })
  })
})
