import { describe, expect, test } from "vitest"
import { planExhaustion } from "./plan-words.ts"

const now = Date.parse("2026-08-25T00:00:00Z")
const said = (message: string, code: string | null = null) => planExhaustion({ message, code, param: null }, now)
const HOUR = 3_600

describe("a window that is used up is told with its reset, in the provider's own words", () => {
  test.each([
    ["Zhipu, Chinese, without a zone", said("已达到 5 小时的使用上限。您的限额将在 2026-08-25 09:41:44 重置。", "1308"), "2026-08-25T01:41:44Z", 5 * HOUR],
    ["Z.ai, English", said("Usage limit reached for 5 hour. Your limit will reset at 2026-08-25 09:41:44", "1308"), "2026-08-25T01:41:44Z", 5 * HOUR],
    ["Zhipu, week or month", said("已达到每周/每月使用上限，您的限额将在 2026-08-28 00:00:00 重置。", "1310"), "2026-08-27T16:00:00Z", null],
    ["MiniMax, ISO", said("usage limit exceeded, 5-hour usage limit reached for Token Plan Starter (1500/1500 used), resets at 2026-08-25T05:00:00Z (2056)"), "2026-08-25T05:00:00Z", 5 * HOUR],
    ["Volcengine, offset without a colon", said("You have exceeded the 5-hour usage quota. It will reset at 2026-08-25 12:00:00 +0800 CST", "AccountQuotaExceeded"), "2026-08-25T04:00:00Z", 5 * HOUR],
    ["Volcengine, week", said("You have exceeded the weekly usage quota. It will reset at 2026-08-31 00:00:00 +0800 CST"), "2026-08-30T16:00:00Z", 7 * 24 * HOUR],
    ["Anthropic, epoch seconds", said("Claude AI usage limit reached|1787623200"), new Date(1_787_623_200_000).toISOString(), null],
    ["OpenAI, a wait in words", said("You've hit your usage limit. Try again in 2 days 3 hours 4 minutes."), "2026-08-27T03:04:00Z", null],
  ])("%s", (_vendor, exhaustion, resetsAt, windowSeconds) => {
    expect(exhaustion?.windowSeconds).toBe(windowSeconds)
    expect(new Date(exhaustion?.resetsAtMs ?? 0)).toEqual(new Date(resetsAt))
  })
})

test("a window that is used up without a time is told as such", () => {
  expect(said("hour allocated quota exceeded")).toEqual({ resetsAtMs: null, windowSeconds: null })
  expect(said("week allocated quota exceeded")).toEqual({ resetsAtMs: null, windowSeconds: 7 * 24 * HOUR })
  expect(said("month allocated quota exceeded")).toEqual({ resetsAtMs: null, windowSeconds: 30 * 24 * HOUR })
  const kimi = "You've reached your usage limit for this billing cycle. Your quota will be refreshed in the next cycle. To continue now, purchase extra usage or upgrade your plan: https://www.kimi.com/code/#pricing"
  expect(said(kimi, "permission_error")).toEqual({ resetsAtMs: null, windowSeconds: null })
})

test("a reset that is over, or further away than any window, is none", () => {
  for (const moment of ["2026-08-24 09:00:00", "2027-08-25 09:00:00"]) expect(said(`已达到 5 小时的使用上限。您的限额将在 ${moment} 重置。`)).toMatchObject({ resetsAtMs: null })
})

test("too many calls at once are no exhausted plan", () => {
  const passing = [
    "您的账户已达到速率限制，请您控制请求频率",
    "Rate limit reached for requests",
    "This request would exceed your account's rate limit. Please try again later.",
    "Concurrency too high",
    "concurrency allocated quota exceeded",
    "Allocated quota exceeded, please increase your quota limit. For details, see: https://help.aliyun.com/zh/model-studio/error-code#token-limit",
    "We're receiving too many requests at the moment. Please wait a moment and try again.",
    "The engine is currently overloaded, please try again later",
  ]
  for (const message of passing) expect(said(message, "1302"), message).toBeNull()
})
