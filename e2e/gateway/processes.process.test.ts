import { execFile } from "node:child_process"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createStage, keys, mounts, type Stage, upstreamSecret } from "./stage.ts"

/** What holds across processes: two servers, one on each mount, on one PostgreSQL. */
const REVOKED_MS_MAX = 1_000

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain: ["chat"], backed: [] })
})
afterAll(() => stage?.stop())

const call = (mount: (typeof mounts)[number], key: string) =>
  fetch(`${stage.servers[mount].origin}/api/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hello" }] }),
  })

test("a revoked key is refused by every process within a second", async () => {
  for (const mount of mounts) expect((await call(mount, keys.doomed)).status).toBe(200)
  await stage.installation.query("UPDATE api_key SET revoked_at = now() WHERE name = 'doomed'")
  const revokedAt = performance.now()
  await Promise.all(
    mounts.map(async (mount) => {
      while ((await call(mount, keys.doomed)).status !== 401) {
        expect(performance.now() - revokedAt).toBeLessThan(REVOKED_MS_MAX)
        await delay(20)
      }
    }),
  )
  expect(performance.now() - revokedAt).toBeLessThan(REVOKED_MS_MAX)
})

test("the first call that the start prints works as it stands, on both mounts", async () => {
  for (const mount of mounts) {
    const [command] = await stage.servers[mount].printed(/curl (?:[^\n]*\\\n)*[^\n]*/)
    expect(command).toContain("sk-tp-test-")
    const { stdout } = await promisify(execFile)("bash", ["-c", `${command} --silent --show-error`], { timeout: 20_000 })
    expect(JSON.parse(stdout)).toMatchObject({ object: "chat.completion", choices: [{ message: { role: "assistant" } }] })
  }
})

test("neither an API key nor a provider's credential is in any log or any table", async () => {
  for (const mount of mounts) {
    expect((await call(mount, keys.open)).status).toBe(200)
    expect((await call(mount, "sk-e2e-a-wrong-key-that-must-not-be-logged")).status).toBe(401)
  }
  const tables = await stage.installation.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
  expect(tables.length).toBeGreaterThan(20)
  const places: [string, string][] = mounts.map((mount) => [`output of ${mount}`, stage.servers[mount].output()])
  for (const { name } of tables) {
    const rows = await stage.installation.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`)
    places.push([`table ${name}`, rows.map((row) => row.line).join("\n")])
  }
  const secrets = [...Object.values(keys), upstreamSecret, "sk-e2e-a-wrong-key-that-must-not-be-logged"]
  for (const [place, text] of places) {
    for (const secret of secrets) expect(text.includes(secret), `${secret} in ${place}`).toBe(false)
  }
  // The search would find what is there: the channel's name stands in a table.
  expect(places.some(([, text]) => text.includes("chat-upstream"))).toBe(true)
})
