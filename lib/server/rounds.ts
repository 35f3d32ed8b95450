import type { Log } from "./log.ts"

/** Work that comes round again for as long as the process lives. */
export type Rounds = { stop(): Promise<void> }

/** Starts a round every `everyMs`, never two at once. One that fails is only logged as `NAME.failed`, since the next one finds the same. */
export function startRounds(name: string, everyMs: number, work: () => Promise<void>, log: Log): Rounds {
  let running: Promise<void> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    running = work()
      .catch((error: unknown) => log("warn", `${name}.failed`, { detail: error instanceof Error ? error.message : String(error) }))
      .finally(() => {
        busy = false
      })
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
