import { traitsOf } from "#lib/catalog/model-traits.ts"
import { lanes, laneBetween } from "#lib/wire/lanes.ts"

const REQUEST_BYTES = 130_000
const TURNS = 40
const TOOLS = 24
const WARM_UP = 50
const RUNS = 200

/**
 * CPU microseconds to decode a coding agent's request and to encode it for a channel of another dialect: one as Claude Code sends them,
 * with tools, tool results and cache marks, of about 130 KB.
 */
export function measureAgentRequest(): number {
  const body = Buffer.from(JSON.stringify(agentRequest()))
  const lane = laneBetween("am", "cc")
  if (lane === null) throw new Error("nothing translates Anthropic messages to chat completions")
  const prepare = () => {
    const call = lanes.am.readCall(body, {})
    if (!call.ok) throw new Error(call.error.message)
    const target = { providerId: "openai-compatible", upstreamModel: "bench", outputTokensMax: 64_000, traits: traitsOf("bench"), drop: [], searches: false }
    const prepared = lane.prepare({ body, call: call.value, headers: {}, requestId: "req_bench", receivedAtMs: 0, target, clampedOutputTokens: null })
    if (!prepared.ok) throw new Error(prepared.error.message)
  }
  for (let run = 0; run < WARM_UP; run++) prepare()
  const before = process.cpuUsage()
  for (let run = 0; run < RUNS; run++) prepare()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / RUNS
}

function agentRequest(): object {
  const filler = "const toll = (road) => road.length * ratePerKilometre // what a road costs, by its length\n"
  const perTurn = Math.floor(REQUEST_BYTES / (TURNS + TOOLS) / filler.length)
  const text = filler.repeat(perTurn)
  const turns = Array.from({ length: TURNS / 2 }, (_, index) => [
    { role: "assistant", content: [{ type: "text", text: "I look at the file." }, { type: "tool_use", id: `toolu_${index}`, name: `tool_${index % TOOLS}`, input: { path: `src/road-${index}.ts`, limit: 200 } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: `toolu_${index}`, content: text.repeat(2), is_error: false }] },
  ]).flat()
  return {
    model: "bench",
    max_tokens: 32_000,
    stream: true,
    system: [{ type: "text", text: "You are a coding agent.", cache_control: { type: "ephemeral" } }],
    tools: Array.from({ length: TOOLS }, (_, index) => ({
      name: `tool_${index}`,
      description: text,
      input_schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: { path: { type: "string" }, limit: { type: "integer", exclusiveMinimum: 0 } }, required: ["path"], additionalProperties: false },
    })),
    messages: [{ role: "user", content: [{ type: "text", text: "Rename the toll." }] }, ...turns],
    metadata: { user_id: '{"device_id":"d","account_uuid":"a","session_id":"5b3c2b1e-0000-4000-8000-000000000000"}' },
  }
}
