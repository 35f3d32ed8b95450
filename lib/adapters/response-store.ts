import { setTimeout as sleep } from "node:timers/promises"
import type pg from "pg"
import type { Database } from "#lib/adapters/database.ts"
import type { Sealer } from "#lib/adapters/sealing.ts"
import type { NewResponse, ResponseChain, ResponseOwner, ResponsesPort } from "#lib/gateway/ports.ts"
import type { MemoryRecord, Remembered } from "#lib/wire/memory.ts"
import { storableText } from "./storable-json.ts"

const KEPT_DAYS = 30
const DAY_MS = 86_400_000
/** Answers that wait to be written: beyond it the newest is not kept, which the log says. */
const WAITING_MAX = 1_000
const BATCH_MAX = 50
/** Another process may be writing down what its client already continues here. */
const LOOK_AGAIN_MS = 250
const EXPIRED_BATCH = 1_000
const EXPIRED_BATCHES_MAX = 100
const UPKEEP_MS = 3_600_000

export type ResponseStoreOptions = {
  readonly database: Pick<Database, "sql">
  readonly sealer: Sealer
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void
}

export type ResponseStore = ResponsesPort & {
  /** Deletes what has expired, in bounded statements. Resolves with how many there were. */
  removeExpired(): Promise<number>
  /** From now on, deletes once an hour what has expired. */
  start(): void
  /** Resolves when everything that waits is written down, or lost. */
  stop(): Promise<void>
}

type Waiting = NewResponse & { readonly owner: ResponseOwner; readonly createdAtMs: number }
type Row = { readonly id: string; readonly previous_id: string | null; readonly sealed: string }

const COLUMNS = "r.id, r.previous_id, r.sealed"
const MINE = "r.organization_id = $1 AND r.owner_id = $2 AND r.expires_at > $3"

/** Answers in Postgres, sealed, for 30 days. They are written behind the call, in batches; until then they are found in memory. */
export function createResponseStore({ database, sealer, now, log }: ResponseStoreOptions): ResponseStore {
  const waiting = new Map<string, Waiting>()
  let writing: Promise<void> | null = null
  let upkeep: NodeJS.Timeout | undefined

  const opened = ({ organizationId }: ResponseOwner, { id, sealed }: Row): Remembered => JSON.parse(sealer.open(rowId(organizationId, id), sealed)) as Remembered
  const awaited = (owner: ResponseOwner, id: string): Waiting | undefined => {
    const found = waiting.get(rowId(owner.organizationId, id))
    return found?.owner.ownerId === owner.ownerId ? found : undefined
  }

  /** Together, or, where the database takes one of them not, each by itself: a provider's ids must not cost others their answers. */
  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      await database.sql(null, async (client) => {
        for (const one of batch) await insert(client, one, sealer)
      })
    } catch (error) {
      if (batch.length > 1 && isRefusedValue(error)) for (const one of batch) await write([one])
      else log("error", "responses.notKept", { count: batch.length, detail: error instanceof Error ? error.message : String(error) })
    }
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.entries()].slice(0, BATCH_MAX)
      await write(batch.map(([, one]) => one))
      for (const [key] of batch) waiting.delete(key)
    }
    writing = null
  }

  async function rows(owner: ResponseOwner, sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return database.sql(owner.organizationId, async (client) => (await client.query<Row>(sql, [owner.organizationId, owner.ownerId, new Date(now()), ...values.map(storable)])).rows)
  }

  async function storedChain(owner: ResponseOwner, id: string, responsesMax: number, bytesMax: number): Promise<ResponseChain> {
    const found = await rows(owner, CHAIN, [id, responsesMax, bytesMax])
    const [first] = found
    if (first === undefined) return { kind: "absent" }
    // The oldest that was read names another: it is gone, or there were too many before it.
    if (first.previous_id !== null) return (await rows(owner, `SELECT ${COLUMNS} FROM stored_response AS r WHERE ${MINE} AND r.id = $4`, [first.previous_id])).length > 0 ? { kind: "tooLong" } : { kind: "absent" }
    return found.length > responsesMax ? { kind: "tooLong" } : { kind: "found", history: found.map((row) => opened(owner, row)) }
  }

  async function removeExpired(): Promise<number> {
    let removed = 0
    for (let batch = 0; batch < EXPIRED_BATCHES_MAX; batch++) {
      const count = await database.sql(null, async (client) => (await client.query(REMOVE_EXPIRED, [new Date(now()), EXPIRED_BATCH])).rowCount ?? 0)
      removed += count
      if (count < EXPIRED_BATCH) break
    }
    return removed
  }

  return {
    async chain(owner, id, { responsesMax, bytesMax }) {
      const later: Remembered[] = []
      let next: string | null = id
      for (let one = awaited(owner, id); one !== undefined; one = next === null ? undefined : awaited(owner, next)) {
        const remembered = rememberedOf(one.record())
        if (remembered === null) return { kind: "absent" }
        later.unshift(remembered)
        next = one.previousId
      }
      if (later.length > responsesMax) return { kind: "tooLong" }
      if (next === null) return { kind: "found", history: later }
      let stored = await storedChain(owner, next, responsesMax - later.length, bytesMax)
      if (stored.kind === "absent" && later.length === 0) {
        await sleep(LOOK_AGAIN_MS)
        stored = await storedChain(owner, next, responsesMax, bytesMax)
      }
      return stored.kind === "found" ? { kind: "found", history: [...stored.history, ...later] } : stored
    },
    async find(owner, id) {
      const one = awaited(owner, id)
      if (one !== undefined) return rememberedOf(one.record())
      const [row] = await rows(owner, `SELECT ${COLUMNS} FROM stored_response AS r WHERE ${MINE} AND r.id = $4`, [id])
      return row === undefined ? null : opened(owner, row)
    },
    async holding(owner, itemIds, responsesMax) {
      const fresh = [...waiting.values()].filter((one) => one.owner.organizationId === owner.organizationId && one.owner.ownerId === owner.ownerId)
      const records = fresh.map(({ record }) => record()).filter((record) => record !== null && record.itemIds.some((id) => itemIds.includes(id)))
      const found = await rows(owner, `SELECT ${COLUMNS} FROM stored_response AS r WHERE ${MINE} AND r.item_ids && $4::text[] ORDER BY r.created_at DESC LIMIT $5`, [itemIds, responsesMax])
      return [...records.flatMap((record) => rememberedOf(record) ?? []), ...found.map((row) => opened(owner, row))]
    },
    keep(owner, response) {
      if (waiting.size >= WAITING_MAX) return log("error", "responses.notKept", { count: 1, detail: `${WAITING_MAX} others are waiting to be written` })
      waiting.set(rowId(owner.organizationId, response.id), { ...response, owner, createdAtMs: now() })
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(writeAll)
    },
    async remove(owner, id) {
      // What is being written now would come back behind its own deletion.
      if (awaited(owner, id) !== undefined) await writing
      return (await rows(owner, `DELETE FROM stored_response AS r WHERE ${MINE} AND r.id = $4 RETURNING ${COLUMNS}`, [id])).length > 0
    },
    removeExpired,
    start() {
      const work = () => void removeExpired().catch((error: unknown) => log("warn", "responses.upkeep", { detail: error instanceof Error ? error.message : String(error) }))
      upkeep = setInterval(work, UPKEEP_MS).unref()
      work()
    },
    async stop() {
      clearInterval(upkeep)
      await writing
    },
  }
}

/** From an answer back to the first one; the bounds are those of what has been read before each step. */
const CHAIN = `
  WITH RECURSIVE chain AS (
    SELECT ${COLUMNS}, 1 AS depth, r.bytes::bigint AS total FROM stored_response AS r WHERE ${MINE} AND r.id = $4
    UNION ALL
    SELECT ${COLUMNS}, chain.depth + 1, chain.total + r.bytes
      FROM chain JOIN stored_response AS r ON r.id = chain.previous_id AND ${MINE}
     WHERE chain.depth <= $5 AND chain.total <= $6)
  SELECT id, previous_id, sealed FROM chain ORDER BY depth DESC`

const REMOVE_EXPIRED = `
  DELETE FROM stored_response WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM stored_response WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

/** Ids of items are the provider's and those that are asked for the client's: either may hold what is no text to Postgres. */
const storable = (value: unknown): unknown => (typeof value === "string" ? storableText(value) : Array.isArray(value) ? value.map(storable) : value)

/** What a sealed value is bound to. */
const rowId = (organizationId: string, id: string): string => `${organizationId} ${id}`

/** A data exception or a limit of an index (Postgres, error codes, classes 22 and 54): the same will be refused again. */
const isRefusedValue = (error: unknown): boolean => error instanceof Error && "code" in error && /^(?:22|54)/.test(String(error.code))

const rememberedOf = (record: MemoryRecord | null): Remembered | null => (record === null ? null : (JSON.parse(record.json) as Remembered))

async function insert(client: pg.ClientBase, { owner, id, previousId, record, createdAtMs }: Waiting, sealer: Sealer): Promise<void> {
  const made = record()
  if (made === null) return
  const { organizationId, ownerId } = owner
  await client.query(
    `INSERT INTO stored_response (organization_id, id, owner_id, previous_id, item_ids, sealed, bytes, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [organizationId, id, ownerId, previousId, storable(made.itemIds), sealer.seal(rowId(organizationId, id), made.json), Buffer.byteLength(made.json), new Date(createdAtMs), new Date(createdAtMs + KEPT_DAYS * DAY_MS)],
  )
}
