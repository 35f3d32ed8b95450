import { expect, test } from "vitest"
import { begin, bench, principal, quota, send, soon, streamed, whole } from "./test/fakes.ts"

const open = () => {
  const gateway = bench({ principal: principal({ quotas: [quota()] }) })
  const complete = (fields: object) => gateway.start({ path: "/api/v1/completions", body: JSON.stringify({ model: "public", prompt: "Once", ...fields }) }).over
  return { ...gateway, complete }
}
const answer = { id: "cmpl-1", object: "text_completion", model: "upstream-model", choices: [{ index: 0, text: " upon", finish_reason: "stop", logprobs: null }], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }
const chunk = (index: number, text: string, finish_reason: string | null = null) => `data: ${JSON.stringify({ id: "cmpl-1", object: "text_completion", model: "upstream-model", choices: [{ index, text, finish_reason }] })}\n\n`

test("a legacy completion passes with its text, and is charged by its own usage", async () => {
  const gateway = open()
  gateway.upstream.script.push(whole(200, answer))
  expect((await gateway.complete({ max_tokens: 7, echo: true })).json()).toEqual({ ...answer, model: "public" })
  expect(gateway.upstream.calls[0]).toMatchObject({ request: { url: "https://a.example/v1/completions" }, body: { model: "upstream-model", prompt: "Once", max_tokens: 7, echo: true } })
  // 10 × $1 + 5 × $2 per million.
  expect(gateway.settled).toMatchObject([{ status: "complete", responseId: "cmpl-1", finish: "stop", chargedNanoUsd: 20_000n }])
})

test("each prompt is answered n times, and all of them are held", async () => {
  const gateway = open()
  gateway.upstream.script.push(whole(200, answer), whole(200, answer))
  await gateway.complete({ prompt: ["a", "b", "c"], n: 2, max_tokens: 100 })
  await gateway.complete({ prompt: [1, 2, 3], max_tokens: 100 })
  const [several, one] = gateway.quotas.asked.map(({ tokens }) => Number(tokens?.worst))
  expect([several! - 600, one! - 100].every((prompt) => prompt > 0 && prompt < 60)).toBe(true)
})

test("W-142 W-97 a stream is asked for its usage, and ends when every prompt has its finish", async () => {
  const gateway = open()
  const usage = `data: ${JSON.stringify({ choices: [], usage: answer.usage })}\n\n`
  const pieces = [chunk(0, " upon"), chunk(1, " more"), chunk(0, "", "stop"), chunk(1, "", "length")]
  gateway.upstream.script.push(streamed(...pieces, usage, "data: [DONE]\n\n"))
  const { body } = await gateway.complete({ prompt: ["a", "b"], stream: true })
  expect(body).toBe(`${pieces.join("").replaceAll("upstream-model", "public")}data: [DONE]\n\n`)
  expect(gateway.upstream.calls[0]?.body).toMatchObject({ stream_options: { include_usage: true } })
  expect(gateway.settled).toMatchObject([{ status: "complete", usage: { input: 10, output: 5 } }])
})

test("W-104 a stream that misses the finish of one prompt is not whole", async () => {
  const gateway = open()
  gateway.upstream.script.push(streamed(chunk(0, " upon", "stop"), chunk(1, " more"), "data: [DONE]\n\n"))
  const { body } = await gateway.complete({ prompt: ["a", "b"], stream: true })
  expect(body).toContain('"upstream_incomplete"')
  expect(body).not.toContain("[DONE]")
})

test("a limit that is reached ends a legacy stream with a chunk of its own shape", async () => {
  const gateway = bench({ principal: principal({ quotas: [quota({ limit: 800_000n })] }) })
  const { over, answered } = gateway.start({ path: "/v1/completions", body: JSON.stringify({ model: "public", prompt: "Once", stream: true }) })
  await soon()
  const seen = gateway.upstream.calls[0]!
  begin(seen)
  send(seen, chunk(0, "x"))
  await soon()
  for (let sent = 0; sent < 1_000 && !answered.ended; sent++) send(seen, chunk(0, "x"))
  const last = (await over).body.split("\n\n").at(-3)!
  expect(JSON.parse(last.slice(6))).toMatchObject({ object: "text_completion", choices: [{ index: 0, text: "", finish_reason: "length" }] })
})

test.each([["prompt", { prompt: undefined }], ["prompt", { prompt: [] }], ["max_tokens", { max_tokens: -1 }], ["n", { n: 0 }], ["best_of", { best_of: 3 }]])("a completion with a wrong %s is refused by name", async (param, fields) => {
  const refused = await open().complete(fields)
  expect([refused.status, refused.error()["param"]]).toEqual([400, param])
})
