const levels = ["error", "warn", "info"] as const
export type LogLevel = (typeof levels)[number]

/** Writes one structured line. Never a secret, never a prompt. */
export type Log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void

/** JSON lines for standard error, those at or above `least`. `now` is in epoch milliseconds. */
export function createLog(least: LogLevel, now: () => number, write: (line: string) => void): Log {
  const shown = levels.slice(0, levels.indexOf(least) + 1)
  return (level, event, fields = {}) => {
    if (!shown.includes(level)) return
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...fields }, plain)}\n`)
  }
}

/** Money is a bigint, which JSON does not know; an error's own fields are not enumerable. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString()
  if (value instanceof Error) return value.stack ?? value.message
  return value
}
