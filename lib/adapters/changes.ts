import pg from "pg"

/** Tables whose changes are noted (prisma/migrations, `note_change`). */
export const changeTopics = [
  "api_key",
  "app_user",
  "channel",
  "channel_model",
  "credential",
  "membership",
  "model",
  "organization",
  "plan",
  "price_rule",
  "project",
  "quota",
  "setting",
  "subscription",
] as const
export type ChangeTopic = (typeof changeTopics)[number]

/** One changed row: its id; for `api_key` its secret hash; for `quota` also the id of what it limits, as a change of its own; for `subscription` the organization. */
export type Change = { readonly topic: ChangeTopic; readonly subject: string }

/**
 * Called with what changed, oldest first, or with `"everything"` where that cannot be known: at the start, after an outage, or when
 * this process fell behind what the database keeps. Must not throw and must not wait.
 */
export type ChangeListener = (changes: readonly Change[] | "everything") => void

export type ChangeFeed = {
  /** Resolves when the counter was read once or the database was found not to answer; from then on the feed looks after itself. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Returns the function that ends the subscription. */
  subscribe(topics: readonly ChangeTopic[], listener: ChangeListener): () => void
  /** False while the database does not answer: what is held in memory may be out of date. */
  readonly connected: boolean
}

type Log = (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void

const POLL_MS = 500
const RETRY_MS = 500
const ANSWER_MS_MAX = 5_000
/** Further behind than this, starting afresh is cheaper than catching up. */
const CHANGES_MAX = 1_000
const PRUNE_MS = 300_000
const CHANNEL = "turnpike_change"

/**
 * Follows the change counter: polls it every `pollMs`, and at once when a notification arrives. Only the poll is relied on, since a
 * notification can be lost. The changing transaction holds the counter's row until it ends, so numbers become visible in order and
 * without gaps; a gap therefore means that rows were pruned, and a smaller counter that another database answered.
 *
 * It has a connection of its own (`url`), so that it never queues behind other work. One poll is one round trip.
 */
export function createChangeFeed(options: { readonly url: string; readonly log: Log; readonly pollMs?: number; readonly listen?: boolean }): ChangeFeed {
  const { url, log, pollMs = POLL_MS, listen = true } = options
  const subscriptions = new Set<{ readonly topics: ReadonlySet<string>; readonly listener: ChangeListener }>()
  let client: pg.Client | undefined
  /** Undefined: nothing is known, and the next answer invalidates everything. */
  let seen: bigint | undefined
  let stopped = false
  let polling: Promise<void> | undefined
  let pollAgain = false
  let timer: NodeJS.Timeout | undefined
  let prunedAtMs = performance.now()

  const publish = (changes: readonly Change[] | "everything"): void => {
    for (const { topics, listener } of subscriptions) {
      const wanted = changes === "everything" ? changes : changes.filter(({ topic }) => topics.has(topic))
      if (wanted.length > 0) listener(wanted)
    }
  }

  const disconnect = (failure: unknown): void => {
    const broken = client
    client = undefined
    if (seen !== undefined && !stopped) log("warn", "changes.disconnected", { detail: failure instanceof Error ? failure.message : String(failure) })
    seen = undefined
    void broken?.end().catch(() => {})
  }

  const connect = async (): Promise<pg.Client> => {
    const fresh = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: ANSWER_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      keepAlive: true,
      application_name: "turnpike changes",
    })
    fresh.on("error", (error) => client === fresh && disconnect(error))
    await fresh.connect()
    if (listen) {
      fresh.on("notification", () => void poll())
      await fresh.query(`LISTEN ${CHANNEL}`)
    }
    return fresh
  }

  const readOnce = async (): Promise<void> => {
    client ??= await connect()
    const { counter, changes } = await readChanges(client, seen)
    const behind = seen === undefined ? undefined : counter - seen
    seen = counter
    if (behind === undefined || behind !== BigInt(changes.length)) publish("everything")
    else if (behind > 0n) publish(changes)
    if (performance.now() - prunedAtMs > PRUNE_MS) {
      prunedAtMs = performance.now()
      await prune(client)
    }
  }

  const pollUntilQuiet = async (): Promise<void> => {
    clearTimeout(timer)
    let failed = false
    try {
      do {
        pollAgain = false
        await readOnce()
      } while (pollAgain)
    } catch (error) {
      failed = true
      disconnect(error)
    }
    polling = undefined
    if (!stopped) timer = setTimeout(() => void poll(), failed ? RETRY_MS : pollMs).unref()
  }

  const poll = (): Promise<void> => {
    if (stopped) return Promise.resolve()
    if (polling !== undefined) pollAgain = true
    polling ??= pollUntilQuiet()
    return polling
  }

  return {
    start: poll,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await polling
      const last = client
      client = undefined
      await last?.end().catch(() => {})
    },
    subscribe(topics, listener) {
      const subscription = { topics: new Set<string>(topics), listener }
      subscriptions.add(subscription)
      return () => void subscriptions.delete(subscription)
    },
    get connected() {
      return seen !== undefined
    },
  }
}

/** Begins a transaction that sees the whole installation. In the text of the same message, so that it costs no round trip. */
const AS_SYSTEM = "BEGIN; SELECT set_config('turnpike.scope', 'system', true);"

/** The counter and, of one snapshot, what changed after `seen`; no more than `CHANGES_MAX` rows. */
async function readChanges(client: pg.Client, seen: bigint | undefined): Promise<{ counter: bigint; changes: readonly Change[] }> {
  const results = (await client.query(`${AS_SYSTEM}
    SELECT counter.value AS counter, change.topic, change.subject
      FROM change_counter AS counter LEFT JOIN change ON change.value > ${seen ?? "counter.value"} AND change.value <= counter.value
      ORDER BY change.value LIMIT ${CHANGES_MAX};
    COMMIT`)) as unknown as readonly pg.QueryResult<{ counter: string; topic: ChangeTopic | null; subject: string | null }>[]
  const rows = results[2]?.rows ?? []
  const [first] = rows
  if (first === undefined) throw new Error("the change counter has no row")
  return { counter: BigInt(first.counter), changes: rows.flatMap(({ topic, subject }) => (topic === null || subject === null ? [] : [{ topic, subject }])) }
}

async function prune(client: pg.Client): Promise<void> {
  await client.query(`${AS_SYSTEM} DELETE FROM change WHERE created_at < now() - interval '1 hour'; COMMIT`)
}
