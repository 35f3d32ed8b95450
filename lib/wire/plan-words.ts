import type { UpstreamWords } from "./upstream-words.ts"

/** A coding plan has nothing left: until when, and which of its windows, where the provider says so. */
export type PlanExhaustion = { readonly resetsAtMs: number | null; readonly windowSeconds: number | null }

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 24 * HOUR_SECONDS
const RESET_MS_MAX = 32 * DAY_SECONDS * 1_000

/**
 * Whether a provider's refusal says that a plan's window is used up, in English or Chinese; null: it speaks of something else, such as
 * too many calls at once. What vendors wrote in 2026: Zhipu and Z.ai code 1308 (5 hours) and 1310 (week, month), “您的限额将在
 * 2026-08-25 07:41:44 重置”; MiniMax “5-hour usage limit reached …, resets at 2026-05-15T15:00:00Z (2056)”; Volcengine “You have exceeded
 * the 5-hour usage quota. It will reset at 2026-01-01 12:00:00 +0800 CST”; Anthropic “usage limit reached|<epoch seconds>”; OpenAI
 * “usage limit … try again in 5 days 22 hours 11 minutes”; Kimi, with status 403 or 429, “You've reached your usage limit for this billing cycle”
 * (https://www.kimi.com/code/docs/en/kimi-code/error-reference.html); Alibaba “week allocated quota exceeded”, while its “concurrency allocated
 * quota exceeded” and “Allocated quota exceeded, please increase your quota limit” are of calls at a time and tokens a minute
 * (https://developer.aliyun.com/ask/699052, https://help.aliyun.com/zh/model-studio/error-code).
 */
export function planExhaustion({ message, code }: UpstreamWords, nowMs: number): PlanExhaustion | null {
  if (!EXHAUSTED_CODES.includes(code ?? "") && !EXHAUSTED.test(message)) return null
  const resetsAtMs = resetOf(message, nowMs)
  const isPlausible = resetsAtMs !== null && resetsAtMs > nowMs && resetsAtMs - nowMs <= RESET_MS_MAX
  return { resetsAtMs: isPlausible ? resetsAtMs : null, windowSeconds: windowOf(message) }
}

/** Zhipu's and MiniMax's own numbers, OpenAI's and Volcengine's words. */
const EXHAUSTED_CODES: readonly string[] = ["1308", "1310", "2056", "usage_limit_reached", "AccountQuotaExceeded"]
const EXHAUSTED = /usage (?:limit|quota)|(?:hour|hourly|daily|weekly|monthly|session)(?:[-\w ]{0,12}) (?:limit|quota)|\b(?:hour|week|month) allocated quota exceeded|limit exhausted|使用上限|用量上限|限额将在|额度(?:已)?(?:用完|用尽|耗尽)/i

function resetOf(message: string, nowMs: number): number | null {
  const epoch = /\|(\d{10})\b/.exec(message)
  if (epoch !== null) return Number(epoch[1]) * 1_000
  return momentOf(message) ?? waitOf(message, nowMs)
}

const MOMENT = /(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?/

/** A date and a time; without a zone they are China's, since only vendors there leave it out. */
function momentOf(message: string): number | null {
  const [, date, time, zone = "+08:00"] = MOMENT.exec(message) ?? []
  if (date === undefined || time === undefined) return null
  const offset = zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const moment = Date.parse(`${date}T${time}${offset}`)
  return Number.isNaN(moment) ? null : moment
}

const WAIT = /(?:try again|resets?|wait|重试|重置)[^\d]{0,20}((?:\d+\s*(?:days?|hours?|minutes?|seconds?|天|小时|分钟|秒)(?:[\s,，]|and)*)+)/i
const PIECE = /(\d+)\s*(days?|hours?|minutes?|seconds?|天|小时|分钟|秒)/gi
const pieceSeconds = { d: DAY_SECONDS, h: HOUR_SECONDS, m: 60, s: 1, 天: DAY_SECONDS, 小: HOUR_SECONDS, 分: 60, 秒: 1 } as const satisfies Record<string, number>

/** “in 5 days 22 hours 11 minutes”. */
function waitOf(message: string, nowMs: number): number | null {
  const [, wait] = WAIT.exec(message) ?? []
  if (wait === undefined) return null
  let seconds = 0
  for (const [, count, unit = ""] of wait.matchAll(PIECE)) seconds += Number(count) * (pieceSeconds[unit.charAt(0).toLowerCase() as keyof typeof pieceSeconds] ?? 0)
  return seconds === 0 ? null : nowMs + seconds * 1_000
}

function windowOf(message: string): number | null {
  const hours = /(\d{1,2})[-\s]?(?:hours?|小时)/i.exec(message)
  if (hours !== null && !/(?:in|after)\s+[\d\s\w]*$/i.test(message.slice(0, hours.index))) return Number(hours[1]) * HOUR_SECONDS
  // Where a message names both, as Zhipu's 1310 does, nobody can tell which of them it was.
  const week = /week|每?周/i.test(message)
  const month = /month|每?月/i.test(message)
  if (week === month) return null
  return week ? 7 * DAY_SECONDS : 30 * DAY_SECONDS
}
