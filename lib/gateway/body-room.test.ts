import { expect, test } from "vitest"
import { err, ok } from "#lib/kernel/result.ts"
import { createBodyRoom } from "./body-room.ts"
import type { GatewayRequest } from "./exchange.ts"
import { bench } from "./test/fakes.ts"

const LARGE = 100_000
const key = { authorization: "Bearer sk-tp-1" }

/** A body of so many bytes that is taken as a mount takes it; `reads`: how often one was asked for. */
function bodies(bytes: number) {
  const state = { reads: 0, over: () => {} }
  const body: GatewayRequest["body"] = async (_, take) => {
    state.reads++
    if (take?.(bytes) === false) return err("noRoom")
    await new Promise<void>((resolve) => (state.over = resolve))
    return ok(Buffer.from("{}"))
  }
  return { state, body }
}

test.each([
  ["a large body", { "content-length": String(LARGE) }],
  ["a body that does not say how large it is", { "transfer-encoding": "chunked" }],
  ["a body whose length is no number", { "content-length": "many" }],
])("nobody without a key has %s read", async (_, headers) => {
  const { start } = bench({ lookup: { kind: "absent" } })
  const { state, body } = bodies(LARGE)
  expect((await start({ headers: { ...key, ...headers }, body }).over).status).toBe(401)
  expect((await start({ headers, body }).over).status).toBe(401)
  expect(state.reads).toBe(0)
})

test("large bodies beyond the room for them are turned away for a moment, and the room is free again when their calls are over", async () => {
  const { start } = bench({ settings: { bodiesBytesMax: 3 * LARGE } })
  const headers = { ...key, "content-length": String(LARGE) }
  const [first, second, third] = [bodies(LARGE), bodies(LARGE), bodies(LARGE)]
  const running = start({ headers, body: first.body })
  await new Promise(setImmediate)
  const refused = await start({ headers, body: second.body }).over
  expect([refused.status, refused.headers["retry-after"], refused.error()["message"]]).toEqual([503, "1", expect.stringContaining("large requests")])
  first.state.over()
  expect((await running.over).status).toBe(400)
  const again = start({ headers, body: third.body })
  await new Promise(setImmediate)
  third.state.over()
  expect((await again.over).status).toBe(400)
})

test("one organization never takes more than half of the room, and what it gives back is whole", () => {
  const room = createBodyRoom(100)
  const [greedy, other] = [room.shareOf("org_1"), room.shareOf("org_2")]
  expect([greedy.take(50), greedy.take(1), other.take(50), other.take(1)]).toEqual([true, false, true, false])
  greedy.close()
  greedy.close()
  expect([room.shareOf("org_2").take(1), room.shareOf("org_3").take(50), room.shareOf("org_1").take(1)]).toEqual([false, true, false])
})
