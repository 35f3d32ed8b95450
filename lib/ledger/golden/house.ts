import type { Example, Source } from "./example.ts"

/** Prices that an operator sets, in the time zone of the customers. */
const night: Source = { tariff: "half price from ten in the evening to six in the morning, Berlin's time" }
const weekend: Source = { tariff: "free through Saturday night, Shanghai's time" }
const fee: Source = { tariff: "half a cent for each call, and its tokens" }

const berlinNight = { input: "2", output: "8", schedule: [{ from: "22:00", to: "06:00", timeZone: "Europe/Berlin", input: "1", output: "4" }] }
const shanghaiSaturday = { input: "2", output: "8", schedule: [{ days: ["sat" as const], from: "20:00", to: "04:00", timeZone: "Asia/Shanghai", input: "0", output: "0" }] }

const reported = { cc: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } }
const atNight = { vendor: "house", model: "public", source: night, rates: berlinNight, reported }
const onSaturday = { vendor: "house", model: "public", source: weekend, rates: shanghaiSaturday, reported }
const DAY = "1,000 × $2/M + 100 × $8/M = $0.0028"
const NIGHT = "1,000 × $1/M + 100 × $4/M = $0.0014"

export const house: readonly Example[] = [
  { ...atNight, name: "the night begins before midnight", admittedAt: "2026-11-25T22:30:00+01:00", sum: NIGHT, nanoUsd: 1_400_000n },
  { ...atNight, name: "the night goes on after midnight", admittedAt: "2026-11-26T05:59:59+01:00", sum: NIGHT, nanoUsd: 1_400_000n },
  { ...atNight, name: "the night ends on the wall clock in winter", admittedAt: "2026-03-28T05:00:00Z", sum: DAY, nanoUsd: 2_800_000n },
  { ...atNight, name: "the night is an hour shorter when summer time begins", admittedAt: "2026-03-29T04:00:00Z", sum: DAY, nanoUsd: 2_800_000n },
  { ...atNight, name: "the last second of that shorter night", admittedAt: "2026-03-29T03:59:59Z", sum: NIGHT, nanoUsd: 1_400_000n },
  { ...atNight, name: "the night is an hour longer when summer time ends", admittedAt: "2026-10-25T04:59:59Z", sum: NIGHT, nanoUsd: 1_400_000n },
  { ...onSaturday, name: "Saturday's night reaches into Sunday", admittedAt: "2026-11-29T03:59:00+08:00", sum: "1,000 × $0/M + 100 × $0/M = $0", nanoUsd: 0n },
  { ...onSaturday, name: "Friday's night is not Saturday's", admittedAt: "2026-11-28T03:59:00+08:00", sum: DAY, nanoUsd: 2_800_000n },
  {
    name: "a fee for the call stands beside the tokens and is marked up with them",
    vendor: "house",
    model: "public",
    source: fee,
    rates: { input: "1", output: "1", call: "0.005" },
    reported: { units: { input: 14, output: 318, call: 1 } },
    markup: "1.25",
    sum: "(14 × $1/M + 318 × $1/M + 1 × $0.005) × 1.25 = $0.006665",
    nanoUsd: 6_665_000n,
  },
]
