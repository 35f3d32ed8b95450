import { expect, test } from "vitest"
import { type AddressDraft, looksPrivate, presetOf, previewOf } from "./draft.ts"

test.each([
  ["https://open.bigmodel.cn/api/coding/paas/v4", "zhipu-coding"],
  ["https://open.bigmodel.cn/api/coding/paas/v4/chat/completions", "zhipu-coding"],
  ["http://127.0.0.1:9000/api/coding/paas/v4", "zhipu-coding"],
  ["https://gateway.example/v1", "openai-compatible"],
  ["gateway.example", "openai-compatible"],
  ["https://gateway.example/anthropic", "anthropic-compatible"],
  ["https://gateway.example/v1/messages", "anthropic-compatible"],
  ["https://gateway.example/v1beta", "gemini-compatible"],
  ["localhost:11434", "openai-compatible"],
  ["htt", null],
  ["", null],
])("%s means %s", (typed, preset) => {
  expect(presetOf(typed)).toBe(preset)
})

const preview = (providerId: string, baseUrl: string, draft: Partial<AddressDraft> = {}) => previewOf({ providerId, baseUrl, extra: {}, settings: {}, model: "", ...draft })

test("the preview shows where each dialect's calls really go", () => {
  expect(preview("zhipu-coding", "https://open.bigmodel.cn/api/coding/paas/v4", { model: "glm-5.3" })).toEqual({
    ok: true,
    urls: [
      { dialect: "cc", url: "https://open.bigmodel.cn/api/coding/paas/v4/chat/completions" },
      { dialect: "am", url: "https://open.bigmodel.cn/api/anthropic/v1/messages" },
    ],
  })
  expect(preview("gemini-compatible", "https://g.example")).toEqual({ ok: true, urls: [{ dialect: "gm", url: "https://g.example/v1beta/models/{model}:generateContent" }] })
  expect(preview("openai-compatible", "")).toEqual({ ok: false, dialect: null, error: "missing" })
})

test.each([
  ["http://localhost:1/v1", true],
  ["http://10.1.2.3/v1", true],
  ["http://vllm:8000/v1", true],
  ["http://models.internal/v1", true],
  ["http://[::1]:1/v1", true],
  ["https://api.openai.com/v1", false],
  ["https://172.15.0.1/v1", false],
  ["no url", false],
])("%s is private: %s", (url, expected) => {
  expect(looksPrivate(url)).toBe(expected)
})

test("a cloud's preview shows the addresses of the dialects that the model is asked in", () => {
  const settings = { region: "us-east-1" }
  const host = "https://bedrock-runtime.us-east-1.amazonaws.com"
  expect(preview("bedrock", "", { settings, model: "amazon.nova-pro-v1:0" })).toEqual({ ok: true, urls: [{ dialect: "br", url: `${host}/model/amazon.nova-pro-v1:0/converse` }] })
  expect(preview("bedrock", "", { settings })).toMatchObject({ urls: [{ dialect: "am", url: `${host}/model/{model}/invoke` }, { dialect: "br" }] })
  expect(preview("bedrock", "")).toEqual({ ok: false, dialect: null, error: "missing" })
})
