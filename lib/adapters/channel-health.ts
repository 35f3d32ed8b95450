import type { Database } from "#lib/adapters/database.ts"
import type { ChannelHealthPort } from "#lib/gateway/ports.ts"
import { storableText } from "./storable-json.ts"

const FLUSH_MS = 5_000

export type ChannelHealth = Pick<ChannelHealthPort, "answered" | "failed"> & {
  start(): void
  /** Writes what is left and resolves; never rejects. */
  stop(): Promise<void>
}

type Latest = { answeredAtMs: number | null; failedAtMs: number | null; word: string | null }

/**
 * Keeps each channel's last answer and last failure as calls see them, and writes them down every five seconds, newest wins: what the
 * operator's list of channels shows. One entry per channel, so memory is bounded by their number. Statistics, not books: what a
 * database outage or a crash takes away is replaced by the next call.
 */
export function createChannelHealth({ database, now, warn }: { database: Database; now: () => number; warn: (detail: string) => void }): ChannelHealth {
  const latest = new Map<string, Latest>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()

  const entry = (channelId: string): Latest => {
    const known = latest.get(channelId)
    if (known !== undefined) return known
    const made: Latest = { answeredAtMs: null, failedAtMs: null, word: null }
    latest.set(channelId, made)
    return made
  }

  async function flush(): Promise<void> {
    if (latest.size === 0) return
    const rows = [...latest].sort(([a], [b]) => (a < b ? -1 : 1))
    latest.clear()
    try {
      await write(database, rows)
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error))
    }
  }

  return {
    answered(channelId) {
      entry(channelId).answeredAtMs = now()
    },
    failed(channelId, word) {
      const mine = entry(channelId)
      mine.failedAtMs = now()
      mine.word = word
    },
    start() {
      timer = setInterval(() => {
        flushing = flushing.then(flush)
      }, FLUSH_MS)
    },
    async stop() {
      clearInterval(timer)
      await flushing.then(flush)
    },
  }
}

/** Rows are locked in the order of their ids; a channel's connection test or another process may have written something newer. */
const WRITE = `
  WITH seen AS MATERIALIZED (
    SELECT channel.id, answered_at, failed_at, word
      FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[]) AS news (id, answered_at, failed_at, word)
      JOIN channel USING (id)
     ORDER BY channel.id
       FOR NO KEY UPDATE OF channel)
  UPDATE channel
     SET last_success_at = greatest(last_success_at, seen.answered_at),
         last_error      = CASE WHEN seen.failed_at > coalesce(last_error_at, '-infinity') THEN seen.word ELSE last_error END,
         last_error_at   = greatest(last_error_at, seen.failed_at)
    FROM seen
   WHERE channel.id = seen.id`

async function write(database: Database, rows: readonly (readonly [string, Latest])[]): Promise<void> {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms))
  await database.sql(null, (client) =>
    client.query(WRITE, [rows.map(([id]) => id), rows.map(([, row]) => time(row.answeredAtMs)), rows.map(([, row]) => time(row.failedAtMs)), rows.map(([, row]) => (row.word === null ? null : storableText(row.word)))]),
  )
}
