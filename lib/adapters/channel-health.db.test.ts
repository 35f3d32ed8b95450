import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, type TestDatabase } from "#test/database.ts"
import { createChannelHealth } from "./channel-health.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.system((transaction) =>
    transaction.channel.createMany({ data: ["a", "b"].map((name) => ({ id: `chan_${name}`, name, providerId: "openai", endpoints: {}, resale: true })) }),
  )
})
afterAll(() => database.drop())

const read = (id: string) =>
  database.system((transaction) => transaction.channel.findUniqueOrThrow({ where: { id }, select: { lastError: true, lastErrorAt: true, lastSuccessAt: true } }))

test("the operator sees a channel's last failure and last answer, and which came later", async () => {
  let now = 1_000
  const warnings: string[] = []
  const health = createChannelHealth({ database, now: () => now, warn: (detail) => warnings.push(detail) })
  health.answered("chan_a")
  now = 2_000
  health.failed("chan_a", "answered 500")
  health.failed("chan_gone", "answered 500")
  await health.stop()
  expect(await read("chan_a")).toEqual({ lastError: "answered 500", lastErrorAt: new Date(2_000), lastSuccessAt: new Date(1_000) })
  expect(await read("chan_b")).toEqual({ lastError: null, lastErrorAt: null, lastSuccessAt: null })
  expect(warnings).toEqual([])
})

test("a provider's words with a NUL in them are shown without it, and cost no other channel its news", async () => {
  const health = createChannelHealth({ database, now: () => 5_000, warn: expect.unreachable })
  health.failed("chan_a", "answered 400: us\u0000er")
  health.answered("chan_b")
  await health.stop()
  expect(await read("chan_a")).toMatchObject({ lastError: "answered 400: us\ufffder" })
  expect(await read("chan_b")).toMatchObject({ lastSuccessAt: new Date(5_000) })
})

test("older news does not overwrite newer", async () => {
  const write = async (at: number, word: string) => {
    const health = createChannelHealth({ database, now: () => at, warn: expect.unreachable })
    health.failed("chan_b", word)
    health.answered("chan_b")
    await health.stop()
  }
  await write(9_000, "newer")
  await write(8_000, "older")
  expect(await read("chan_b")).toEqual({ lastError: "newer", lastErrorAt: new Date(9_000), lastSuccessAt: new Date(9_000) })
})
