import { getRandomValues, randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { auditBooks } from "#lib/adapters/audit.ts"
import { createNewId } from "#lib/kernel/ids.ts"
import type { SettleLine } from "#lib/gateway/spool-lines.ts"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { entryOf, makeOrganization, openLine } from "#test/money.ts"
import { createBooking } from "./booking.ts"

const newId = createNewId(Date.now, (bytes) => void getRandomValues(bytes))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** What providers say, and what they repeat of what a client has said. */
const said: readonly (readonly [what: string, settle: Partial<SettleLine>])[] = [
  ["a NUL in its id", { responseId: "chatcmpl-\u0000" }],
  ["an id of a hundred thousand characters", { responseId: randomBytes(50_000).toString("hex") }],
  ["half of a character in its id", { responseId: "chatcmpl-\ud83d" }],
  ["a NUL in the reason why it ended", { finish: "st\u0000op" }],
  ["a NUL and half of a character in its refusal", { route: ["a: answered 400: Invalid value: 'us\u0000er\udc00'"] }],
  ["a NUL in the service tier and in an image's size", { usage: { input: 2, serviceTier: "fl\u0000ex", image: 1, images: { "\u0000/\ud800": 1 } } }],
]

test.each(said)("a call whose provider gives %s is booked, and so are the others of its batch", async (_, settle) => {
  const { id } = await makeOrganization(database)
  const calls = [entryOf(openLine({ organizationId: id }), { chargedNanoUsd: 1_000n }), entryOf(openLine({ organizationId: id }), { chargedNanoUsd: 2_000n, ...settle })]
  expect(await createBooking(database, newId)("proc_x", calls)).toEqual({ added: 2, uncoveredQuotas: [] })
  const sum = await database.system((transaction) => transaction.usageRecord.aggregate({ where: { organizationId: id }, _sum: { chargedNanoUsd: true } }))
  expect(sum._sum.chargedNanoUsd).toBe(3_000n)
  expect((await auditBooks(database)).differences).toEqual([])
})

test("text that looks like an escape but is none is booked as it stands", async () => {
  const { id } = await makeOrganization(database)
  const route = ["a\\u0000b \\ud800 “✓” 😀"]
  await createBooking(database, newId)("proc_x", [entryOf(openLine({ organizationId: id }), { chargedNanoUsd: 0n, route })])
  expect(await database.system((transaction) => transaction.usageRecord.findFirstOrThrow({ where: { organizationId: id } }))).toMatchObject({ route })
})
