import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Dialect } from "#lib/wire/dialect.ts"
import { normalizeBaseUrl, operationUrl } from "./base-url.ts"

type Row = readonly [dialect: Dialect, typed: string, base: string]

const rows: Record<string, readonly Row[]> = {
  "the base is authoritative, with or without the operation behind it": [
    ["cc", "https://open.bigmodel.cn/api/coding/paas/v4", "https://open.bigmodel.cn/api/coding/paas/v4"],
    ["cc", "https://open.bigmodel.cn/api/coding/paas/v4/", "https://open.bigmodel.cn/api/coding/paas/v4"],
    ["cc", "https://open.bigmodel.cn/api/coding/paas/v4/chat/completions", "https://open.bigmodel.cn/api/coding/paas/v4"],
    ["cc", "  https://open.bigmodel.cn/api/coding/paas/v4/chat/completions/ ", "https://open.bigmodel.cn/api/coding/paas/v4"],
    ["cc", "https://ark.cn-beijing.volces.com/api/coding/v3", "https://ark.cn-beijing.volces.com/api/coding/v3"],
    ["cc", "https://api.groq.com/openai/v1/chat/completions", "https://api.groq.com/openai/v1"],
    ["cc", "https://gateway.example/team-a", "https://gateway.example/team-a"],
    ["cc", "https://gateway.example//team-a//v1", "https://gateway.example/team-a/v1"],
    ["cc", "https://api.example/v1/embeddings", "https://api.example/v1"],
    ["cc", "https://api.example/v1/models", "https://api.example/v1"],
    ["rs", "https://api.openai.com/v1/responses", "https://api.openai.com/v1"],
    ["am", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"],
    ["am", "https://api.anthropic.com/v1/messages/count_tokens", "https://api.anthropic.com/v1"],
    ["gm", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:generateContent", "https://generativelanguage.googleapis.com/v1beta"],
    ["gm", "https://generativelanguage.googleapis.com/v1beta/models/x:streamGenerateContent?alt=sse", "https://generativelanguage.googleapis.com/v1beta"],
    ["br", "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1:0/converse-stream", "https://bedrock-runtime.us-east-1.amazonaws.com"],
  ],
  "CC and RS gain /v1 on a URL without a path, and only there": [
    ["cc", "https://api.openai.com", "https://api.openai.com/v1"],
    ["cc", "https://api.openai.com/", "https://api.openai.com/v1"],
    ["rs", "https://api.openai.com", "https://api.openai.com/v1"],
    ["cc", "http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"],
    ["cc", "https://openrouter.ai/api", "https://openrouter.ai/api"],
    ["cc", "https://api.deepseek.com/chat/completions", "https://api.deepseek.com"],
    ["cc", "sandbox://turnpike", "sandbox://turnpike/v1"],
  ],
  "AM and GM gain their version where none stands": [
    ["am", "https://api.anthropic.com", "https://api.anthropic.com/v1"],
    ["am", "https://open.bigmodel.cn/api/anthropic", "https://open.bigmodel.cn/api/anthropic/v1"],
    ["am", "https://open.bigmodel.cn/api/anthropic/v1", "https://open.bigmodel.cn/api/anthropic/v1"],
    ["am", "https://api.kimi.com/coding/", "https://api.kimi.com/coding/v1"],
    ["am", "https://ark.cn-beijing.volces.com/api/coding", "https://ark.cn-beijing.volces.com/api/coding/v1"],
    ["am", "https://gateway.ai.cloudflare.com/v1/account/gate/anthropic", "https://gateway.ai.cloudflare.com/v1/account/gate/anthropic/v1"],
    ["am", "https://host.example/messages", "https://host.example"],
    ["am", "https://host.example/chat/completions", "https://host.example/v1"],
    ["gm", "https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta"],
    ["gm", "https://generativelanguage.googleapis.com/v1", "https://generativelanguage.googleapis.com/v1"],
    ["gm", "https://proxy.example/gemini", "https://proxy.example/gemini/v1beta"],
    ["br", "https://bedrock-runtime.us-east-1.amazonaws.com", "https://bedrock-runtime.us-east-1.amazonaws.com"],
  ],
  "a missing scheme is https, or http for what is near": [
    ["cc", "api.deepseek.com/v1", "https://api.deepseek.com/v1"],
    ["cc", "localhost:11434", "http://localhost:11434/v1"],
    ["cc", "127.0.0.1:9000/api/coding/paas/v4", "http://127.0.0.1:9000/api/coding/paas/v4"],
    ["cc", "192.168.1.20:8000/v1", "http://192.168.1.20:8000/v1"],
    ["cc", "172.20.0.2:8000/v1", "http://172.20.0.2:8000/v1"],
    ["cc", "172.48.0.2:8000/v1", "https://172.48.0.2:8000/v1"],
    ["cc", "[::1]:8000/v1", "http://[::1]:8000/v1"],
  ],
  "a query that belongs to the base is kept, fragments are not": [
    ["cc", "https://x.openai.azure.com/openai/deployments/d?api-version=2025-01-01", "https://x.openai.azure.com/openai/deployments/d?api-version=2025-01-01"],
    ["cc", "https://api.example/v1#/docs", "https://api.example/v1"],
  ],
}

for (const [guarantee, cases] of Object.entries(rows)) {
  describe(guarantee, () => {
    test.each(cases)("%s %s", (dialect, typed, base) => {
      expect(normalizeBaseUrl(dialect, typed)).toEqual({ ok: true, value: base })
    })
  })
}

test.each([
  ["", "invalid"],
  ["not a url", "invalid"],
  ["https://", "invalid"],
  ["http://[broken", "invalid"],
  ["x".repeat(2_001), "invalid"],
  ["ftp://files.example/v1", "scheme"],
  ["file:///etc/passwd", "scheme"],
  ["javascript://alert(1)", "scheme"],
  ["https://user:secret@api.example/v1", "credentials"],
  ["https://generativelanguage.googleapis.com/v1beta?key=AIza", "credentials"],
])("%s is refused as %s", (typed, error) => {
  expect(normalizeBaseUrl("cc", typed)).toEqual({ ok: false, error })
})

test("a base with a path is a fixed point: normalizing it again changes nothing", () => {
  const segment = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
  fc.assert(
    fc.property(fc.constantFrom<Dialect>("cc", "rs", "am", "gm", "br"), fc.array(segment, { minLength: 1, maxLength: 4 }), (dialect, segments) => {
      const once = normalizeBaseUrl(dialect, `https://api.example/${segments.join("/")}/v1`)
      expect(once.ok && normalizeBaseUrl(dialect, once.value)).toEqual(once)
    }),
  )
})

test.each([
  [operationUrl("cc", "https://open.bigmodel.cn/api/coding/paas/v4", "chat"), "https://open.bigmodel.cn/api/coding/paas/v4/chat/completions"],
  [operationUrl("cc", "https://api.deepseek.com", "models"), "https://api.deepseek.com/models"],
  [operationUrl("rs", "https://api.openai.com/v1", "chat"), "https://api.openai.com/v1/responses"],
  [operationUrl("am", "https://open.bigmodel.cn/api/anthropic/v1", "chat"), "https://open.bigmodel.cn/api/anthropic/v1/messages"],
  [operationUrl("am", "https://api.anthropic.com/v1", "countTokens"), "https://api.anthropic.com/v1/messages/count_tokens"],
  [operationUrl("gm", "https://g.example/v1beta", "chat", "gemini-3.8-flash"), "https://g.example/v1beta/models/gemini-3.8-flash:generateContent"],
  [operationUrl("gm", "https://g.example/v1beta", "chatStream", "a b"), "https://g.example/v1beta/models/a%20b:streamGenerateContent?alt=sse"],
  [operationUrl("br", "https://b.example", "chat", "anthropic.claude-v1:0"), "https://b.example/model/anthropic.claude-v1:0/converse"],
  [operationUrl("cc", "https://x.example/d?api-version=1", "chat"), "https://x.example/d/chat/completions?api-version=1"],
  [operationUrl("gm", "https://x.example/v1beta?team=1", "chatStream", "m"), "https://x.example/v1beta/models/m:streamGenerateContent?team=1&alt=sse"],
])("a call goes to %s", (url, expected) => {
  expect(url).toBe(expected)
})
