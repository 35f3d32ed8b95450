import { describe, expect, test } from "vitest"
import { normalizeBaseUrl } from "./base-url.ts"
import { recognizePath, recognizeUrl, resolveEndpoints } from "./endpoints.ts"
import type { ProviderDefinition } from "./provider.ts"
import { findProvider, providers } from "./providers.ts"
import { dialects } from "#lib/wire/dialect.ts"

const provider = (id: string): ProviderDefinition => {
  const found = findProvider(id)
  if (found === null) throw new Error(`no provider ${id}`)
  return found
}

describe("presets", () => {
  test("have the ids that turnpike.yaml promises", () => {
    expect(providers.map(({ id }) => id)).toEqual([
      "openai", "anthropic", "gemini", "deepseek", "openrouter", "groq", "mistral", "xai", "ollama", "zhipu", "zhipu-coding", "zai", "zai-coding",
      "kimi-coding", "ark-coding", "qwen-coding", "minimax-coding", "azure-openai", "bedrock", "vertex", "cohere", "jina",
      "openai-compatible", "anthropic-compatible", "gemini-compatible", "sandbox",
    ])
  })

  test("say where their facts came from", () => {
    for (const { id, source } of providers) expect(source.length, id).toBeGreaterThan(10)
  })

  test("hold normalized base URLs: normalizing a preset's endpoint changes nothing", () => {
    for (const { id, ...rest } of providers as readonly ProviderDefinition[]) {
      for (const endpoints of [rest.endpoints, ...(rest.regions ?? []).map((region) => region.endpoints)]) {
        for (const dialect of dialects) {
          const base = endpoints[dialect]
          // DeepSeek's documented base has no path; `exact` keeps it, as a pasted `/chat/completions` would.
          if (base === undefined || base === "https://api.deepseek.com") continue
          expect(normalizeBaseUrl(dialect, base), `${id} ${dialect}`).toEqual({ ok: true, value: base })
        }
      }
    }
  })

  test("of coding plans say so, and only those", () => {
    const plans = (providers as readonly ProviderDefinition[]).filter(({ codingPlan }) => codingPlan).map(({ id }) => id)
    expect(plans).toEqual(["zhipu-coding", "zai-coding", "kimi-coding", "ark-coding", "qwen-coding", "minimax-coding"])
  })
})

describe("a pasted URL names its preset", () => {
  test.each([
    ["https://my-resource.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "azure-openai"],
    ["https://bedrock-runtime.us-east-1.api.aws", "bedrock"],
    ["https://bedrock-runtime.eusc-de-east-1.amazonaws.eu", "bedrock"],
    ["https://my-resource.cognitiveservices.azure.com/", "azure-openai"],
    ["https://bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"],
    ["https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/m:rawPredict", "vertex"],
    ["https://api.cohere.ai/compatibility/v1", "cohere"],
    ["https://api.jina.ai/v1", "jina"],
    ["https://open.bigmodel.cn/api/coding/paas/v4", "zhipu-coding"],
    ["https://open.bigmodel.cn/api/coding/paas/v4/chat/completions", "zhipu-coding"],
    ["open.bigmodel.cn/api/coding/paas/v4/", "zhipu-coding"],
    ["https://open.bigmodel.cn/api/anthropic", "zhipu-coding"],
    ["https://open.bigmodel.cn/api/paas/v4", "zhipu"],
    ["https://api.z.ai/api/coding/paas/v4", "zai-coding"],
    ["https://api.z.ai/api/paas/v4/chat/completions", "zai"],
    ["https://api.kimi.com/coding/", "kimi-coding"],
    ["https://api.kimi.ai/coding/v1", "kimi-coding"],
    ["https://ark.cn-beijing.volces.com/api/coding", "ark-coding"],
    ["https://coding-intl.dashscope.aliyuncs.com/v1", "qwen-coding"],
    ["https://coding.dashscope.aliyuncs.com/apps/anthropic", "qwen-coding"],
    ["https://api.minimax.io/anthropic", "minimax-coding"],
    ["https://api.openai.com", "openai"],
    ["https://api.deepseek.com", "deepseek"],
    ["https://api.deepseek.com/v1", "deepseek"],
    ["https://api.deepseek.com/beta", "deepseek"],
    ["https://api.anthropic.com", "anthropic"],
    ["http://localhost:9/v1", undefined],
    ["https://gateway.example/v1", undefined],
    ["nonsense here", undefined],
  ])("%s → %s", (typed, id) => {
    expect(recognizeUrl(typed)?.provider.id).toBe(id)
  })

  test("and brings the other dialects of that address", () => {
    expect(recognizeUrl("https://open.bigmodel.cn/api/coding/paas/v4")?.endpoints).toEqual({
      cc: "https://open.bigmodel.cn/api/coding/paas/v4",
      am: "https://open.bigmodel.cn/api/anthropic/v1",
    })
  })
})

test("a vendor's unmistakable path is known on another host, a common one is not", () => {
  expect(recognizePath("http://127.0.0.1:9000/api/coding/paas/v4/chat/completions")?.id).toBe("zhipu-coding")
  expect(recognizePath("http://127.0.0.1:9000/v1")).toBeNull()
  expect(recognizePath("http://127.0.0.1:9000/api/coding/v3")).toBeNull()
  expect(recognizePath("no url at all")).toBeNull()
})

describe("a channel's endpoints", () => {
  test("are the preset's where nothing was typed", () => {
    expect(resolveEndpoints(provider("deepseek"), null)).toEqual({ ok: true, value: provider("deepseek").endpoints })
    expect(resolveEndpoints(provider("deepseek"), "  ")).toEqual({ ok: true, value: provider("deepseek").endpoints })
  })

  test("are all dialects of the region whose address was pasted", () => {
    expect(resolveEndpoints(provider("qwen-coding"), "https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions")).toEqual({
      ok: true,
      value: { cc: "https://coding-intl.dashscope.aliyuncs.com/v1", am: "https://coding-intl.dashscope.aliyuncs.com/apps/anthropic/v1" },
    })
  })

  test("follow an authoritative base on another host, in the dialects that a base of this preset speaks", () => {
    expect(resolveEndpoints(provider("zhipu-coding"), "http://127.0.0.1:9000/api/coding/paas/v4/chat/completions")).toEqual({
      ok: true,
      value: { cc: "http://127.0.0.1:9000/api/coding/paas/v4" },
    })
    expect(resolveEndpoints(provider("zhipu-coding"), "http://127.0.0.1:9000/api/anthropic")).toEqual({ ok: true, value: { am: "http://127.0.0.1:9000/api/anthropic/v1" } })
    expect(resolveEndpoints(provider("openai"), "https://proxy.example")).toEqual({ ok: true, value: { cc: "https://proxy.example/v1", rs: "https://proxy.example/v1" } })
  })

  test("gain further dialects of the same vendor", () => {
    expect(resolveEndpoints(provider("openai-compatible"), "https://proxy.example/v1", { am: "https://proxy.example/anthropic" })).toEqual({
      ok: true,
      value: { cc: "https://proxy.example/v1", am: "https://proxy.example/anthropic/v1" },
    })
  })

  test("are refused by name where they cannot be used", () => {
    expect(resolveEndpoints(provider("openai-compatible"), null)).toEqual({ ok: false, error: { dialect: null, error: "missing" } })
    expect(resolveEndpoints(provider("openai-compatible"), "ftp://x.example")).toEqual({ ok: false, error: { dialect: null, error: "scheme" } })
    expect(resolveEndpoints(provider("openai"), null, { am: "ftp://x.example" })).toEqual({ ok: false, error: { dialect: "am", error: "scheme" } })
  })
})
