import { describe, expect, test } from "vitest"
import type { CredentialConfig } from "./types.ts"
import { isPrompt } from "./plan.ts"
import { bench, channel, completion, config, model, principal, quota, target, whole } from "./test/fakes.ts"

const window = (unit: "requests" | "prompts" | "tokens", limit: bigint) => quota({ id: `quota_${unit}`, scope: "credential", scopeId: "cred_plan", unit, window: "rolling", windowSeconds: 18_000, limit })
const planned = (plan: CredentialConfig["plan"]) => channel("plan", { codingPlan: true, credentials: [{ id: "cred_plan", secret: "secret-of-plan", plan }] })
const models = (plan: CredentialConfig["plan"]) => config(model("public", [target(channel("paid")), target(planned(plan))]))
const answeredBy = async (call: ReturnType<ReturnType<typeof bench>["chat"]>) => (await call.over).headers["x-turnpike-channel"]

test("a plan is used before anything is paid per token, and paid channels take over when its window is used up", async () => {
  const { chat, upstream, settled, quotas } = bench({ config: models({ windows: [window("prompts", 2n)], exhaustedUntilMs: null }) })
  for (let call = 0; call < 3; call++) upstream.script.push(whole(200, completion()))
  expect([await answeredBy(chat()), await answeredBy(chat()), await answeredBy(chat())]).toEqual(["plan", "plan", "paid"])
  expect(quotas.spent("quota_prompts")).toBe(2n)
  expect(settled[2]?.route).toContain("plan: its plan's 2 prompts are used up until 2026-12-01T00:00:00.000Z (2 used, 0 held)")
  expect(quotas.openHolds()).toBe(0)
})

test("what a call used of a plan stands in its usage record with the tenant's own limits", async () => {
  const windows = [window("requests", 100n), window("tokens", 1_000_000n)]
  const { chat, upstream, opened, settled } = bench({ config: models({ windows, exhaustedUntilMs: null }), principal: principal({ quotas: [quota()] }) })
  upstream.script.push(whole(200, completion()))
  await chat().over
  expect(opened[0]?.holdParts.map(({ quotaId }) => quotaId)).toEqual(["quota_1", "quota_requests", "quota_tokens"])
  expect(settled[0]?.parts).toMatchObject([{ quotaId: "quota_1", used: 20_000n }, { quotaId: "quota_requests", used: 1n }, { quotaId: "quota_tokens", used: 15n }])
})

test("an attempt that fails takes nothing of the plan", async () => {
  const { chat, upstream, quotas, settled } = bench({ config: models({ windows: [window("requests", 100n)], exhaustedUntilMs: null }) })
  upstream.script.push(whole(500, { error: { message: "no" } }), whole(200, completion()))
  expect(await answeredBy(chat())).toBe("paid")
  expect(quotas.spent("quota_requests")).toBe(0n)
  expect(settled[0]?.parts).toEqual([])
  expect(quotas.openHolds()).toBe(0)
})

test("a provider's word that its window is used up sends the call to the next channel and is told with its reset", async () => {
  const { chat, upstream, health, time } = bench({ config: models(undefined) })
  time.now = Date.parse("2026-08-25T00:00:00Z")
  upstream.script.push(whole(429, { error: { code: "1308", message: "已达到 5 小时的使用上限。您的限额将在 2026-08-25 09:41:44 重置。" } }), whole(200, completion()))
  expect(await answeredBy(chat())).toBe("paid")
  expect(health).toContain(`cred_plan: used up until ${Date.parse("2026-08-25T01:41:44Z")}`)
})

test("a plan that is used up is no refused credential, though Kimi says so with 403", async () => {
  const { chat, upstream, health } = bench({ config: models(undefined) })
  upstream.script.push(whole(403, { error: { type: "permission_error", message: "You've reached your usage limit for this billing cycle. Your quota will be refreshed in the next cycle." } }), whole(200, completion()))
  expect(await answeredBy(chat())).toBe("paid")
  expect(health.join("\n")).toMatch(/cred_plan: used up until/)
  expect(health.join("\n")).not.toContain("refused")
})

test("nothing is sent to a plan before the moment that its provider named, and where nothing else answers the client is told when", async () => {
  const exhaustedUntilMs = Date.parse("2026-08-25T01:00:00Z")
  const alone = config(model("public", [target(planned({ windows: [], exhaustedUntilMs }))]))
  const { chat, upstream, time } = bench({ config: alone })
  time.now = exhaustedUntilMs - 90_000
  const refused = await chat().over
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "90"])
  expect(upstream.calls).toHaveLength(0)
  time.now = exhaustedUntilMs
  upstream.script.push(whole(200, completion()))
  expect((await chat().over).status).toBe(200)
})

test("too many calls at once is a pause and no used-up plan", async () => {
  const { chat, upstream, health } = bench({ config: models(undefined) })
  upstream.script.push(whole(429, { error: { code: "1302", message: "您的账户已达到速率限制，请您控制请求频率" } }), whole(200, completion()))
  await chat().over
  expect(health.filter((line) => line.includes("used up"))).toEqual([])
})

describe("a prompt is what a person asks, whatever the dialect", () => {
  test.each([
    ["a user's message", { messages: [{ role: "user", content: "hi" }] }, true],
    ["a CC tool result", { messages: [{ role: "user", content: "hi" }, { role: "tool", content: "12 °C" }] }, false],
    ["an AM tool result", { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "1" }, { type: "text", text: "go on" }] }] }, false],
    ["AM blocks of text", { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] }, true],
    ["an RS tool result", { input: [{ type: "function_call_output", call_id: "1", output: "" }] }, false],
    ["RS text", { input: "hi" }, true],
    ["a GM tool result", { contents: [{ role: "user", parts: [{ functionResponse: {} }] }] }, false],
    ["GM text", { contents: [{ parts: [{ text: "hi" }] }] }, true],
  ])("%s", (_name, fields, expected) => {
    expect(isPrompt(fields)).toBe(expected)
  })
})
