import type { Database } from "#lib/adapters/database.ts"
import type { Health, PartState } from "./health.ts"

const EVERY_MS = 2_000

/** Asks the database every two seconds whether it answers, for the health report. Returns the function that ends it. */
export function watchDatabase(database: Database, health: Health): () => void {
  let state: PartState = "ready"
  let asking = false
  const timer = setInterval(() => {
    if (asking) return
    asking = true
    database
      .sql(null, (client) => client.query("SELECT 1"))
      .then(
        () => void (state = "ready"),
        () => void (state = "failed"),
      )
      .finally(() => void (asking = false))
  }, EVERY_MS)
  timer.unref()
  health.probe("database", false, () => state)
  return () => clearInterval(timer)
}
