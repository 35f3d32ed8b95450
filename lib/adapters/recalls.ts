import pg from "pg"
import type { WindowKey } from "#lib/quota/lease-store.ts"
import { decodeRecall, RECALL_CHANNEL } from "#lib/quota/recall-message.ts"

const RETRY_MS = 1_000
const ANSWER_MS_MAX = 5_000

/** Hears when another process is short of a quota. */
export type Recalls = {
  /** Resolves when it listens, or was found not to reach the database; from then on it looks after itself. */
  start(onRecall: (windows: readonly WindowKey[]) => void): Promise<void>
  stop(): Promise<void>
}

/**
 * Listens for recalls on a connection of its own. A notification can be lost: then a call is refused or given less although another
 * process had slack, for at most the two seconds after which idle leases go back anyway. No limit depends on it.
 */
export function createRecalls(url: string, log: (level: "info" | "warn", event: string, fields: Readonly<Record<string, unknown>>) => void): Recalls {
  let client: pg.Client | null = null
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function listen(onRecall: (windows: readonly WindowKey[]) => void): Promise<void> {
    const fresh = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS_MAX, keepAlive: true, application_name: "turnpike recalls" })
    const retry = (error: Error) => {
      if (client !== fresh || stopped) return
      client = null
      log("warn", "recalls.disconnected", { detail: error.message })
      void fresh.end().catch(() => {})
      timer = setTimeout(() => void listen(onRecall), RETRY_MS).unref()
    }
    client = fresh
    fresh.on("error", retry)
    fresh.on("notification", ({ payload }) => onRecall(decodeRecall(payload ?? "")))
    try {
      await fresh.connect()
      await fresh.query(`LISTEN ${RECALL_CHANNEL}`)
    } catch (error) {
      retry(error as Error)
    }
  }

  return {
    start: listen,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
