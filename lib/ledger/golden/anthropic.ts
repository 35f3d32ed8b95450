import { catalogue, type Example, page } from "./example.ts"

const prices = page("platform.claude.com/docs/en/about-claude/pricing")

const haiku45 = { input: "1", cacheWrite5m: "1.25", cacheWrite1h: "2", cacheRead: "0.10", output: "5" }
const opus48 = { input: "5", cacheWrite5m: "6.25", cacheWrite1h: "10", cacheRead: "0.50", output: "25" }
const sonnet45 = {
  input: "3", output: "15", cacheRead: "0.3", cacheWrite5m: "3.75", cacheWrite1h: "6", search: "0.01",
  tiers: [{ above: 200_000, input: "6", output: "22.5", cacheRead: "0.6", cacheWrite5m: "7.5", cacheWrite1h: "12" }],
}
const haiku55 = {
  input: "0.1", output: "0.5", cacheRead: "0.01", cacheWrite5m: "0.125",
  tiers: [{ above: 100_000, input: "0.5", output: "2.5", cacheRead: "0.05", cacheWrite5m: "0.625" }],
}

/** Through relays that speak OpenAI's dialect, as they report it. */
export const anthropic: readonly Example[] = [
  {
    name: "a cache write for an hour costs more than one for five minutes",
    vendor: "anthropic",
    model: "claude-opus-4-8",
    source: prices,
    rates: opus48,
    reported: { cc: { prompt_tokens: 9000, completion_tokens: 100, total_tokens: 9100, prompt_tokens_details: { cached_tokens: 4000 }, cache_creation_input_tokens: 3000, cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 } } },
    sum: "2,000 × $5/M + 4,000 × $0.50/M + 1,000 × $6.25/M + 2,000 × $10/M + 100 × $25/M = $0.04075",
    nanoUsd: 40_750_000n,
  },
  {
    name: "a cache write beside the prompt does not swallow the prompt",
    vendor: "anthropic",
    model: "claude-haiku-4-5",
    source: prices,
    rates: haiku45,
    reported: { cc: { prompt_tokens: 31, completion_tokens: 467, total_tokens: 498, prompt_tokens_details: { cached_tokens: 0 }, cache_creation_input_tokens: 1253, cache_read_input_tokens: 0 } },
    sum: "31 × $1/M + 1,253 × $1.25/M + 467 × $5/M = $0.00393225",
    nanoUsd: 3_932_250n,
  },
  {
    name: "a cache read that the total counts beside the prompt is not taken off it",
    vendor: "anthropic",
    model: "claude-haiku-4-5",
    source: prices,
    rates: haiku45,
    reported: { cc: { prompt_tokens: 900, completion_tokens: 50, total_tokens: 1750, cache_read_input_tokens: 800 } },
    sum: "900 × $1/M + 800 × $0.10/M + 50 × $5/M = $0.00123",
    nanoUsd: 1_230_000n,
  },
  {
    name: "the same numbers with the cache inside the prompt cost less",
    vendor: "anthropic",
    model: "claude-haiku-4-5",
    source: prices,
    rates: haiku45,
    reported: { cc: { prompt_tokens: 900, completion_tokens: 50, total_tokens: 950, cache_read_input_tokens: 800 } },
    sum: "100 × $1/M + 800 × $0.10/M + 50 × $5/M = $0.00043",
    nanoUsd: 430_000n,
  },
  {
    name: "a model's cache reads may be cheaper than a tenth of its input",
    vendor: "anthropic",
    model: "claude-fable-5-1",
    source: prices,
    rates: { input: "10", cacheWrite5m: "12.50", cacheWrite1h: "20", cacheRead: "0.25", output: "50" },
    reported: { cc: { prompt_tokens: 100_003, completion_tokens: 1, total_tokens: 100_004, prompt_tokens_details: { cached_tokens: 100_000 } } },
    sum: "3 × $10/M + 100,000 × $0.25/M + 1 × $50/M = $0.02508",
    nanoUsd: 25_080_000n,
  },
  {
    name: "web searches stand beside the tokens",
    vendor: "anthropic",
    model: "claude-opus-5",
    source: catalogue("anthropic", "claude-opus-5", prices),
    rates: { input: "5", output: "25", cacheRead: "0.5", cacheWrite5m: "6.25", cacheWrite1h: "10", search: "0.01" },
    reported: { cc: { prompt_tokens: 6039, completion_tokens: 931, total_tokens: 6970, server_tool_use: { web_search_requests: 2 } } },
    sum: "6,039 × $5/M + 931 × $25/M + 2 × $0.01 = $0.07347",
    nanoUsd: 73_470_000n,
  },
  {
    name: "a prompt of exactly 200,000 tokens is not above 200,000",
    vendor: "anthropic",
    model: "claude-sonnet-4-5",
    source: catalogue("anthropic", "claude-sonnet-4-5", prices),
    rates: sonnet45,
    reported: { units: { input: 1000, cacheRead: 150_000, cacheWrite5m: 49_000, output: 2000 } },
    sum: "1,000 × $3/M + 150,000 × $0.3/M + 49,000 × $3.75/M + 2,000 × $15/M = $0.26175",
    nanoUsd: 261_750_000n,
  },
  {
    name: "one token above 200,000 makes every token dearer, reads and writes of caches too",
    vendor: "anthropic",
    model: "claude-sonnet-4-5",
    source: catalogue("anthropic", "claude-sonnet-4-5", prices),
    rates: sonnet45,
    reported: { units: { input: 1000, cacheRead: 150_000, cacheWrite5m: 40_000, cacheWrite1h: 9001, output: 2000 } },
    sum: "1,000 × $6/M + 150,000 × $0.6/M + 40,000 × $7.5/M + 9,001 × $12/M + 2,000 × $22.5/M = $0.549012",
    nanoUsd: 549_012_000n,
  },
  {
    name: "cache writes decide the tier as well",
    vendor: "anthropic",
    model: "claude-haiku-5-5",
    source: catalogue("anthropic", "claude-haiku-5-5"),
    rates: haiku55,
    reported: { cc: { prompt_tokens: 100_001, completion_tokens: 10, total_tokens: 100_011, prompt_tokens_details: { cached_tokens: 0 }, cache_creation_input_tokens: 100_000 } },
    sum: "1 × $0.5/M + 100,000 × $0.625/M + 10 × $2.5/M = $0.0625255",
    nanoUsd: 62_525_500n,
  },
  {
    name: "three tokens at an eighth of a dollar a million are no whole nano-dollar",
    vendor: "anthropic",
    model: "claude-haiku-5-5",
    source: catalogue("anthropic", "claude-haiku-5-5"),
    rates: haiku55,
    reported: { units: { cacheWrite5m: 3 } },
    markup: "1.1",
    sum: "(3 × $0.125/M) × 1.1 = $0.0000004125",
    nanoUsd: 413n,
  },
]
