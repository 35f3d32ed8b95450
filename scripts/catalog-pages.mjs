/**
 * Prices that the catalogue's packages have wrong, read from the vendors' own pages: scripts/update-catalog.mjs puts them over the
 * packages' rows. Look at each again with every update, and remove those that the packages have learnt.
 */
const deepseek = "https://api-docs.deepseek.com/quick_start/pricing (2026-11-25)"
const xai = "https://docs.x.ai/developers/pricing (2026-11-25)"

/** Peak hours are those of Monday to Friday, which no package says. Chinese public holidays, without a peak too, cannot be said here. */
const peak = (rates) =>
  [["01:00", "04:00"], ["06:00", "10:00"]].map(([from, to]) => ({ days: ["mon", "tue", "wed", "thu", "fri"], from, to, timeZone: "UTC", ...rates }))

const flash = { input: "0.15", cacheRead: "0.003", output: "0.6", schedule: peak({ input: "0.3", cacheRead: "0.006", output: "1.2" }) }

export const pricesOfPages = [
  { seller: "deepseek", id: "deepseek-flash", source: deepseek, price: flash },
  { seller: "deepseek", id: "deepseek-v4-pro", source: deepseek, price: { input: "0.66", cacheRead: "0.022", output: "1.98", schedule: peak({ input: "1.32", cacheRead: "0.044", output: "3.96" }) } },
  // “Long context ≥ 200k tokens”: the packages have it begin one token later.
  { seller: "xai", id: "grok-4.7", source: xai, price: { input: "2", output: "6", cacheRead: "0.5", tiers: [{ from: 200_000, input: "4", output: "12", cacheRead: "1" }] } },
]
