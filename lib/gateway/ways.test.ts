import { expect, test } from "vitest"
import { bench, channel, completion, config, model, principal, target, whole } from "./test/fakes.ts"
import type { GatewayConfig, Principal } from "./types.ts"

/** A gateway whose configuration and key can be replaced while it runs. */
function changeable(first: GatewayConfig, key: Principal = principal()) {
  const now = { config: first, key }
  const on = bench({ ports: { config: () => now.config, keys: { find: () => ({ kind: "found", principal: now.key }) } } })
  const call = async (fields: object = {}) => {
    on.upstream.script.push(whole(200, completion()))
    const answered = await on.chat(fields).over
    return { status: answered.status, channel: answered.headers["x-turnpike-channel"], model: on.upstream.calls.at(-1)?.body["model"] }
  }
  return { now, call, on }
}

const through = (name: string) => config(model("public", [target(channel(name), { upstreamModel: `model-of-${name}` })]))

test("a new configuration counts for the very next call, and so does the old one when it comes back", async () => {
  const before = through("a")
  const { now, call } = changeable(before)
  expect(await call()).toEqual({ status: 200, channel: "a", model: "model-of-a" })
  now.config = through("b")
  expect(await call()).toEqual({ status: 200, channel: "b", model: "model-of-b" })
  now.config = before
  expect(await call()).toEqual({ status: 200, channel: "a", model: "model-of-a" })
})

test("a key that may not use a model any more gets the answer of one that does not exist", async () => {
  const { now, call } = changeable(through("a"))
  expect(await call()).toMatchObject({ status: 200 })
  now.key = principal({ allowedModels: new Set(["another"]) })
  expect(await call()).toMatchObject({ status: 404 })
  now.key = principal({ organizationKind: "customer" })
  now.config = config(model("public", [target(channel("a", { resale: false }))]))
  expect(await call()).toMatchObject({ status: 404 })
})

test("two keys with the same model never share their ways", async () => {
  const shared = config(model("public", [target(channel("own", { organizationId: "org_1", priority: 1 })), target(channel("all", { priority: 2 }))]))
  const { now, call } = changeable(shared)
  expect(await call()).toMatchObject({ channel: "own" })
  now.key = principal({ organizationId: "org_2" })
  expect(await call()).toMatchObject({ channel: "all" })
})

test("what a call demands is judged for this call, whatever plain calls before it found", async () => {
  const { call } = changeable(through("a"))
  expect(await call()).toMatchObject({ status: 200 })
  expect(await call({ service_tier: "flex" })).toMatchObject({ status: 400 })
  expect(await call()).toMatchObject({ status: 200 })
})

test("the router's words of one call are not those of the next", async () => {
  const { call, on } = changeable(through("a"))
  await call()
  await call()
  expect(on.settled.map(({ route }) => route)).toEqual([["a: answered"], ["a: answered"]])
})

test("a client's header goes upstream with its own call alone", async () => {
  const { on, call } = changeable(through("a"))
  on.upstream.script.push(whole(200, completion()))
  await on.chat({}, { "user-agent": "one/1.0" }).over
  await call()
  expect(on.upstream.calls.map(({ request }) => request.headers["user-agent"])).toEqual(["one/1.0", "turnpike"])
})
