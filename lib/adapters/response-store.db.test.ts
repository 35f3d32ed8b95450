import { createHash, randomBytes } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import type { ResponseOwner } from "#lib/gateway/ports.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createResponseStore, type ResponseStore } from "./response-store.ts"
import { createSealer } from "./sealing.ts"

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 25, 12)
const sealer = createSealer([{ version: "1", key: createHash("sha256").update("a").digest() }], (bytes) => void bytes.fill(7))
const alice: ResponseOwner = { organizationId: "org_a", ownerId: "mem_alice" }
const bob: ResponseOwner = { organizationId: "org_a", ownerId: "mem_bob" }
const eve: ResponseOwner = { organizationId: "org_b", ownerId: "mem_alice" }
const bounds = { responsesMax: 10, bytesMax: 100_000 }

let database: TestDatabase
let now = NOW
const logged: string[] = []
const open = (over: Pick<TestDatabase, "sql"> = database): ResponseStore => createResponseStore({ database: over, sealer, now: () => now, log: (_, event) => void logged.push(event) })

beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  now = NOW
  logged.length = 0
  await database.sql(null, (client) => client.query("DELETE FROM stored_response"))
})
afterAll(() => database.drop())

const keep = (store: ResponseStore, id: string, previousId: string | null = null, owner = alice, text = id) =>
  store.keep(owner, { id, previousId, record: () => ({ itemIds: [`msg_${id}`], json: JSON.stringify({ input: [`ask ${text}`], answer: { id, text } }) }) })
const remembered = (id: string) => ({ input: [`ask ${id}`], answer: { id, text: id } })

test("an answer is found at once, while it waits and after it was written, and by no other owner", async () => {
  const store = open()
  keep(store, "resp_1")
  for (const written of [false, true]) {
    if (written) await store.stop()
    expect(await store.find(alice, "resp_1")).toEqual(remembered("resp_1"))
    expect(await store.holding(alice, ["msg_resp_1", "msg_other"], 5)).toEqual([remembered("resp_1")])
    for (const other of [bob, eve]) {
      expect(await store.find(other, "resp_1")).toBeNull()
      expect(await store.holding(other, ["msg_resp_1"], 5)).toEqual([])
      expect(await store.chain(other, "resp_1", bounds)).toEqual({ kind: "absent" })
      expect(await store.remove(other, "resp_1")).toBe(false)
    }
  }
  expect(await open().find(alice, "resp_1")).toEqual(remembered("resp_1"))
})

test("nothing of it can be read in the database, and a row that was moved does not open", async () => {
  const store = open()
  keep(store, "resp_1", null, alice, "the secret words")
  await store.stop()
  const { rows } = await database.sql(null, (client) => client.query<Record<string, string>>("SELECT * FROM stored_response"))
  expect(JSON.stringify(rows)).not.toContain("secret words")
  await database.sql(null, (client) => client.query("UPDATE stored_response SET organization_id = 'org_b'"))
  await expect(store.find(eve, "resp_1")).rejects.toThrow(/does not belong/)
})

test("a conversation is read from its first answer on, whether its parts are written yet or not", async () => {
  const store = open()
  keep(store, "resp_1")
  keep(store, "resp_2", "resp_1")
  await store.stop()
  keep(store, "resp_3", "resp_2")
  const whole = { kind: "found", history: ["resp_1", "resp_2", "resp_3"].map(remembered) }
  expect(await store.chain(alice, "resp_3", bounds)).toEqual(whole)
  await store.stop()
  expect(await store.chain(alice, "resp_3", bounds)).toEqual(whole)
  expect(await store.chain(alice, "resp_3", { ...bounds, responsesMax: 3 })).toEqual(whole)
})

test("a conversation of too many answers or bytes is too long, and one with a hole is absent", async () => {
  const store = open()
  for (const [id, previous] of [["resp_1", null], ["resp_2", "resp_1"], ["resp_3", "resp_2"]] as const) keep(store, id, previous)
  expect(await store.chain(alice, "resp_3", { ...bounds, responsesMax: 2 })).toEqual({ kind: "tooLong" })
  await store.stop()
  expect(await store.chain(alice, "resp_3", { ...bounds, responsesMax: 2 })).toEqual({ kind: "tooLong" })
  expect(await store.chain(alice, "resp_3", { ...bounds, bytesMax: 60 })).toEqual({ kind: "tooLong" })
  expect(await store.remove(alice, "resp_1")).toBe(true)
  expect(await store.chain(alice, "resp_3", bounds)).toEqual({ kind: "absent" })
})

test("what another process is still writing is found when it is looked for again", async () => {
  const store = open()
  const other = open()
  const found = store.chain(alice, "resp_1", bounds)
  keep(other, "resp_1")
  await other.stop()
  expect(await found).toEqual({ kind: "found", history: [remembered("resp_1")] })
})

test("after 30 days an answer is gone, and in bounded statements its row", async () => {
  const store = open()
  keep(store, "resp_1")
  now = NOW + DAY_MS
  keep(store, "resp_2")
  await store.stop()
  now = NOW + 30 * DAY_MS
  expect(await store.find(alice, "resp_1")).toBeNull()
  expect(await store.chain(alice, "resp_1", bounds)).toEqual({ kind: "absent" })
  expect(await store.find(alice, "resp_2")).toEqual(remembered("resp_2"))
  expect(await store.removeExpired()).toBe(1)
  expect(await store.removeExpired()).toBe(0)
})

test("an answer that is deleted while it is written does not come back", async () => {
  const store = open()
  keep(store, "resp_1")
  expect(await store.remove(alice, "resp_1")).toBe(true)
  await store.stop()
  expect(await store.find(alice, "resp_1")).toBeNull()
})

test("a database that is away costs the answers that wait, is logged, and breaks nothing", async () => {
  const store = open({ sql: () => Promise.reject(new Error("away")) })
  keep(store, "resp_1")
  await store.stop()
  expect(logged).toEqual(["responses.notKept"])
  await expect(store.find(alice, "resp_1")).rejects.toThrow("away")
})

test.each([
  ["an id that the database refuses", `resp_${randomBytes(50_000).toString("hex")}`, ["msg_1"]],
  ["a NUL in its items", "resp_odd", ["msg_\u0000"]],
])("an answer with %s costs no other one its place", async (_, id, itemIds) => {
  const store = open()
  keep(store, "resp_1")
  store.keep(eve, { id, previousId: null, record: () => ({ itemIds, json: "{}" }) })
  keep(store, "resp_2")
  await store.stop()
  expect(await open().find(alice, "resp_1")).toEqual(remembered("resp_1"))
  expect(await open().find(alice, "resp_2")).toEqual(remembered("resp_2"))
})

test("an id with a NUL in it is nobody's, and no fault of the database", async () => {
  const store = open()
  expect(await store.chain(alice, "resp_\u0000", bounds)).toEqual({ kind: "absent" })
  expect(await store.find(alice, "resp_\u0000")).toBeNull()
  expect(await store.holding(alice, ["msg_\u0000"], 5)).toEqual([])
})

test("more answers than may wait are not kept, and the log says so", async () => {
  const store = open()
  for (let index = 0; index <= 1_000; index++) keep(store, `resp_${index}`)
  expect(logged).toEqual(["responses.notKept"])
  await store.stop()
  expect(await store.find(alice, "resp_999")).toEqual(remembered("resp_999"))
  expect(await store.find(alice, "resp_1000")).toBeNull()
})
