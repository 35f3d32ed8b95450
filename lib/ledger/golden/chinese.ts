import { catalogue, type Example, page } from "./example.ts"

const deepseek = page("api-docs.deepseek.com/quick_start/pricing")

/** Peak hours: 01:00 to 04:00 and 06:00 to 10:00 UTC, Monday to Friday; at all other hours half of it. */
const peak = <T extends object>(rates: T) =>
  [{ from: "01:00", to: "04:00" }, { from: "06:00", to: "10:00" }].map((hours) => ({ days: ["mon", "tue", "wed", "thu", "fri"] as ("mon" | "tue" | "wed" | "thu" | "fri")[], ...hours, timeZone: "UTC", ...rates }))
const v4Pro = { input: "0.66", cacheRead: "0.022", output: "1.98", schedule: peak({ input: "1.32", cacheRead: "0.044", output: "3.96" }) }
const flash = { input: "0.15", cacheRead: "0.003", output: "0.6", schedule: peak({ input: "0.3", cacheRead: "0.006", output: "1.2" }) }

const deepseekUsage = { prompt_tokens: 10_000, prompt_cache_hit_tokens: 8192, prompt_cache_miss_tokens: 1808, completion_tokens: 700, total_tokens: 10_700, prompt_tokens_details: { cached_tokens: 8192 }, completion_tokens_details: { reasoning_tokens: 512 } }

const minimaxM3 = { input: "0.3", output: "1.2", cacheRead: "0.06", tiers: [{ above: 512_000, input: "0.6", cacheRead: "0.12", output: "2.4" }] }
const qwen3CoderFlash = {
  input: "0.195", output: "0.975", cacheRead: "0.039", cacheWrite5m: "0.24375",
  tiers: [
    { above: 32_000, input: "0.325", output: "1.625", cacheRead: "0.065", cacheWrite5m: "0.40625" },
    { above: 128_000, input: "0.52", output: "2.6", cacheRead: "0.104", cacheWrite5m: "0.65" },
  ],
}
const qwen = { vendor: "qwen", model: "qwen3-coder-flash", source: catalogue("openrouter", "qwen/qwen3-coder-flash"), rates: qwen3CoderFlash }

export const chinese: readonly Example[] = [
  {
    name: "cache hits are counted once, though two fields report them",
    vendor: "deepseek",
    model: "deepseek-v4-pro",
    source: deepseek,
    rates: v4Pro,
    reported: { cc: deepseekUsage },
    sum: "1,808 × $0.66/M + 8,192 × $0.022/M + 188 × $1.98/M + 512 × $1.98/M = $0.002759504",
    nanoUsd: 2_759_504n,
  },
  {
    name: "Monday's first second of the peak costs double",
    vendor: "deepseek",
    model: "deepseek-v4-pro",
    source: deepseek,
    rates: v4Pro,
    reported: { cc: deepseekUsage },
    admittedAt: "2026-11-23T01:00:00Z",
    sum: "1,808 × $1.32/M + 8,192 × $0.044/M + 188 × $3.96/M + 512 × $3.96/M = $0.005519008",
    nanoUsd: 5_519_008n,
  },
  {
    name: "the second before the peak does not",
    vendor: "deepseek",
    model: "deepseek-v4-pro",
    source: deepseek,
    rates: v4Pro,
    reported: { cc: deepseekUsage },
    admittedAt: "2026-11-23T00:59:59Z",
    sum: "1,808 × $0.66/M + 8,192 × $0.022/M + 188 × $1.98/M + 512 × $1.98/M = $0.002759504",
    nanoUsd: 2_759_504n,
  },
  {
    name: "the minute that a peak ends at is outside of it",
    vendor: "deepseek",
    model: "deepseek-flash",
    source: deepseek,
    rates: flash,
    reported: { cc: { prompt_tokens: 1000, prompt_cache_hit_tokens: 0, prompt_cache_miss_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } },
    admittedAt: "2026-11-25T10:00:00Z",
    sum: "1,000 × $0.15/M + 100 × $0.6/M = $0.00021",
    nanoUsd: 210_000n,
  },
  {
    name: "the second peak of the day counts as well as the first",
    vendor: "deepseek",
    model: "deepseek-flash",
    source: deepseek,
    rates: flash,
    reported: { cc: { prompt_tokens: 1001, prompt_cache_hit_tokens: 1, prompt_cache_miss_tokens: 1000, completion_tokens: 100, total_tokens: 1101 } },
    admittedAt: "2026-11-25T09:59:59Z",
    sum: "1,000 × $0.3/M + 1 × $0.006/M + 100 × $1.2/M = $0.000420006",
    nanoUsd: 420_006n,
  },
  {
    name: "there is no peak on a Sunday",
    vendor: "deepseek",
    model: "deepseek-flash",
    source: deepseek,
    rates: flash,
    reported: { cc: { prompt_tokens: 1001, prompt_cache_hit_tokens: 1, prompt_cache_miss_tokens: 1000, completion_tokens: 100, total_tokens: 1101 } },
    admittedAt: "2026-11-22T02:00:00Z",
    sum: "1,000 × $0.15/M + 1 × $0.003/M + 100 × $0.6/M = $0.000210003",
    nanoUsd: 210_003n,
  },
  {
    name: "cached tokens in the details are inside the prompt",
    vendor: "zai",
    model: "glm-5.3",
    source: catalogue("zai", "glm-5.3"),
    rates: { input: "1.4", output: "4.4", cacheRead: "0.26" },
    reported: { cc: { prompt_tokens: 26_132, completion_tokens: 1250, total_tokens: 27_382, prompt_tokens_details: { cached_tokens: 25_984 }, completion_tokens_details: { reasoning_tokens: 1100 } } },
    sum: "148 × $1.4/M + 25,984 × $0.26/M + 150 × $4.4/M + 1,100 × $4.4/M = $0.01246304",
    nanoUsd: 12_463_040n,
  },
  {
    name: "a price turned from yuan keeps its three decimals",
    vendor: "zhipu",
    model: "glm-4.7",
    source: catalogue("zhipu", "glm-4.7"),
    rates: { input: "0.276", output: "1.103", cacheRead: "0.055" },
    reported: { cc: { prompt_tokens: 1237, completion_tokens: 89, total_tokens: 1326, prompt_tokens_details: { cached_tokens: 1216 } } },
    markup: "1.03",
    sum: "(21 × $0.276/M + 1,216 × $0.055/M + 89 × $1.103/M) × 1.03 = $0.00017596829",
    nanoUsd: 175_969n,
  },
  {
    name: "cached tokens on the top level are inside the prompt",
    vendor: "moonshot",
    model: "kimi-k2.7-code",
    source: catalogue("moonshot", "kimi-k2.7-code"),
    rates: { input: "0.95", output: "4", cacheRead: "0.19" },
    reported: { cc: { prompt_tokens: 8042, completion_tokens: 215, total_tokens: 8257, cached_tokens: 7936 } },
    sum: "106 × $0.95/M + 7,936 × $0.19/M + 215 × $4/M = $0.00246854",
    nanoUsd: 2_468_540n,
  },
  {
    name: "a usage that comes twice in a stream, with the finish and after it, is charged once",
    vendor: "moonshot",
    model: "kimi-k3",
    source: catalogue("moonshot", "kimi-k3"),
    rates: { input: "3", output: "15", cacheRead: "0.3" },
    reported: {
      stream: [
        { prompt_tokens: 500, completion_tokens: 60, total_tokens: 560, cached_tokens: 256 },
        { prompt_tokens: 500, completion_tokens: 60, total_tokens: 560, cached_tokens: 256 },
      ],
    },
    sum: "244 × $3/M + 256 × $0.3/M + 60 × $15/M = $0.0017088",
    nanoUsd: 1_708_800n,
  },
  {
    name: "a prompt of exactly 512,000 tokens costs the short price",
    vendor: "minimax",
    model: "MiniMax-M3",
    source: catalogue("minimax", "MiniMax-M3"),
    rates: minimaxM3,
    reported: { cc: { prompt_tokens: 512_000, completion_tokens: 300, total_tokens: 512_300, prompt_tokens_details: { cached_tokens: 500_000 } } },
    sum: "12,000 × $0.3/M + 500,000 × $0.06/M + 300 × $1.2/M = $0.03396",
    nanoUsd: 33_960_000n,
  },
  {
    name: "one token more costs double",
    vendor: "minimax",
    model: "MiniMax-M3",
    source: catalogue("minimax", "MiniMax-M3"),
    rates: minimaxM3,
    reported: { cc: { prompt_tokens: 512_001, completion_tokens: 300, total_tokens: 512_301, prompt_tokens_details: { cached_tokens: 500_000 } } },
    sum: "12,001 × $0.6/M + 500,000 × $0.12/M + 300 × $2.4/M = $0.0679206",
    nanoUsd: 67_920_600n,
  },
  {
    name: "cache writes without hours of life are those of five minutes",
    vendor: "minimax",
    model: "MiniMax-M2.7",
    source: catalogue("minimax", "MiniMax-M2.7"),
    rates: { input: "0.3", output: "1.2", cacheRead: "0.06", cacheWrite5m: "0.375" },
    reported: { cc: { prompt_tokens: 2300, completion_tokens: 41, total_tokens: 2341, cache_creation_input_tokens: 2048, cache_read_input_tokens: 0 } },
    sum: "252 × $0.3/M + 2,048 × $0.375/M + 41 × $1.2/M = $0.0008928",
    nanoUsd: 892_800n,
  },
  {
    ...qwen,
    name: "an explicit cache's writes, reported in the prompt's details, cost what writes cost",
    reported: { cc: { prompt_tokens: 29_719, completion_tokens: 435, total_tokens: 30_154, completion_tokens_details: { reasoning_tokens: 382, text_tokens: 435 }, prompt_tokens_details: { text_tokens: 29_719, cache_creation: { ephemeral_5m_input_tokens: 29_713 }, cache_creation_input_tokens: 29_713, cache_type: "ephemeral", cached_tokens: 0 } } },
    sum: "6 × $0.195/M + 29,713 × $0.24375/M + 53 × $0.975/M + 382 × $0.975/M = $0.00766783875",
    nanoUsd: 7_667_839n,
  },
  {
    ...qwen,
    name: "the first of two edges, exactly at it",
    reported: { cc: { prompt_tokens: 32_000, completion_tokens: 1, total_tokens: 32_001 } },
    sum: "32,000 × $0.195/M + 1 × $0.975/M = $0.006240975",
    nanoUsd: 6_240_975n,
  },
  {
    ...qwen,
    name: "the first of two edges, one above it, with a rate of seven digits that rounds up",
    reported: { cc: { prompt_tokens: 32_001, completion_tokens: 1, total_tokens: 32_002, prompt_tokens_details: { cache_creation_input_tokens: 1001, cached_tokens: 30_000 } } },
    sum: "1,000 × $0.325/M + 30,000 × $0.065/M + 1,001 × $0.40625/M + 1 × $1.625/M = $0.00268328125",
    nanoUsd: 2_683_282n,
  },
  {
    ...qwen,
    name: "above the second of two edges the first does not count any more",
    reported: { cc: { prompt_tokens: 128_001, completion_tokens: 7, total_tokens: 128_008, prompt_tokens_details: { cached_tokens: 128_000 } } },
    sum: "1 × $0.52/M + 128,000 × $0.104/M + 7 × $2.6/M = $0.01333072",
    nanoUsd: 13_330_720n,
  },
]
