import { expect, test } from "vitest"
import { providers } from "./providers.ts"
import { traitsOf } from "./model-traits.ts"

test.each([
  ["gpt-4o", "openai", { ccThinking: null, fixedSampling: false, cc: { openai: true, outputField: "max_completion_tokens" } }],
  ["gpt-5.6-terra", "azure-openai", { ccThinking: { kind: "effort" }, fixedSampling: true, developerRole: true, cc: { openai: true } }],
  ["gpt-5.4", "openai", { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high", "xhigh"] } }],
  ["gpt-5.5-pro", "openai", { ccThinking: { kind: "effort", efforts: ["medium", "high", "xhigh"] } }],
  ["gpt-6.1-sol", "openai", { ccThinking: { kind: "effort", efforts: ["low", "medium", "high", "xhigh", "max"] } }],
  ["gpt-6-luna", "openai", { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high", "xhigh", "max"] } }],
  ["openai/gpt-oss-120b", "openai-compatible", { ccThinking: { kind: "effort" }, developerRole: false }],
  ["glm-5.3", "zhipu-coding", { ccThinking: { kind: "effort", efforts: ["low", "high", "max"] }, cc: { forcedCalls: "never", formats: "json", toolStream: { tool_stream: true } } }],
  ["glm-5.2", "zai", { ccThinking: { kind: "switch", efforts: ["minimal", "low", "medium", "high", "xhigh", "max"] }, cc: { refuses: ["presencePenalty", "frequencyPenalty", "logitBias", "logprobs"] } }],
  ["glm-4.7", "zai", { ccThinking: { kind: "switch" }, cc: { thoughts: "reasoning_content" } }],
  ["deepseek-v4-pro", "deepseek", { ccThinking: { kind: "switch", efforts: ["minimal", "low", "medium", "high", "xhigh", "max"] }, cc: { thoughtsWithCalls: true, forcedCalls: "withoutThinking" } }],
  ["kimi-k2.6", "openai-compatible", { ccThinking: { kind: "switch" }, fixedSampling: true, cc: { prefill: "partial" } }],
  ["k3", "kimi-coding", { ccThinking: { kind: "effort", efforts: ["low", "high", "max"] } }],
  ["kimi-k2.7-code", "kimi-coding", { ccThinking: null, cc: { thoughtsWithCalls: true } }],
  ["qwen3.7-plus", "qwen-coding", { ccThinking: { kind: "qwen" }, cc: { topK: true } }],
  ["MiniMax-M3", "minimax-coding", { ccThinking: { kind: "switch", on: "adaptive" }, cc: { thoughts: "tags", outputField: "max_completion_tokens" } }],
  ["MiniMax-M2.7", "minimax-coding", { ccThinking: null, cc: { thoughts: "tags" } }],
  ["magistral-medium-latest", "mistral", { ccThinking: null, cc: { shortCallIds: true, thoughts: "parts", seedField: "random_seed" } }],
  ["mistral-small-latest", "mistral", { ccThinking: { kind: "effort", efforts: ["none", "high"] } }],
  ["grok-4.5", "xai", { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high"] }, hiddenReasoning: true }],
  ["grok-4.7", "xai", { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high", "xhigh"] }, hiddenReasoning: true, cc: { refuses: ["presencePenalty", "frequencyPenalty", "stop"] } }],
  ["gemini-3.8-flash", "gemini", { ccThinking: { kind: "effort" }, gmThinking: { kind: "level" } }],
  ["grok-4-fast-reasoning", "xai", { ccThinking: null, hiddenReasoning: true, cc: { refuses: ["presencePenalty", "frequencyPenalty", "stop"] } }],
  ["llama-3.3-70b-versatile", "groq", { ccThinking: null, cc: { thoughts: "reasoning", refuses: ["logprobs", "logitBias", "presencePenalty", "frequencyPenalty", "choices"] } }],
  ["openai/gpt-oss-120b", "groq", { ccThinking: { kind: "effort", efforts: ["low", "medium", "high"] }, cc: { thoughts: "reasoning" } }],
  ["qwen/qwen3-32b", "groq", { ccThinking: { kind: "unlessNone" }, cc: { thoughts: "reasoning" } }],
  ["qwen/qwen3.8-27b", "groq", { ccThinking: { kind: "effort", efforts: ["none", "low", "medium", "high"] } }],
  ["a-model-of-my-own", "openai-compatible", { ccThinking: null, fixedSampling: false, cc: {} }],
])("what is known of %s at %s", (model, provider, traits) => {
  expect(traitsOf(model, provider)).toMatchObject(traits)
})

test("a provider's own word comes before the family's, and both stand together where they speak of different things", () => {
  expect(traitsOf("z-ai/glm-5.3", "openrouter")).toMatchObject({ ccThinking: { kind: "openrouter" }, cc: { thoughts: "details", formats: "json" } })
  expect(traitsOf("openai/gpt-5.5", "openrouter")).toMatchObject({ ccThinking: { kind: "openrouter" }, developerRole: true, cc: { openai: true, thoughts: "details" } })
  expect(traitsOf("glm-5.3:cloud", "ollama")).toMatchObject({ ccThinking: { kind: "effort" }, cc: { thoughts: "reasoning" } })
})

test("the same model at two providers is remembered apart", () => {
  expect(traitsOf("gpt-4o", "openai").cc?.outputField).toBe("max_completion_tokens")
  expect(traitsOf("gpt-4o", "openai-compatible").cc?.outputField).toBeUndefined()
  expect(traitsOf("gpt-4o", "openai").cc?.outputField).toBe("max_completion_tokens")
})

test("every provider that bounds output by another field says so to the translation too", () => {
  for (const { id, outputLimitField } of providers.filter((one) => "outputLimitField" in one)) expect(traitsOf("any", id).cc?.outputField).toBe(outputLimitField)
})
