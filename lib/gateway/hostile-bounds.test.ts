import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { bench, channel, config, model, principal, quota, target, whole } from "./test/fakes.ts"

/*
 * Bounds on output are what a hold is worked out from. Whatever stands in their place, under one name or several, once or twice: the call
 * is refused, or exactly one bound goes upstream, and what it may bring back is paid for by the hold.
 */

const LIMIT = 1_000_000n
/** $2 per million tokens of output (test/fakes.ts). */
const NANO_USD_PER_TOKEN = 2_000n
const OUTPUT_TOKENS_MAX = 1_000

type Names = { readonly path: string; readonly members: readonly string[]; readonly rest: string; readonly within?: string }
const doors: Readonly<Record<string, Names>> = {
  cc: { path: "/api/v1/chat/completions", members: ["max_tokens", "max_completion_tokens", "n", "Max_Tokens", "best_of"], rest: '"model":"public","messages":[{"role":"user","content":"hi"}]' },
  completions: { path: "/api/v1/completions", members: ["max_tokens", "n", "best_of", "max_completion_tokens"], rest: '"model":"public","prompt":"hi"' },
  rs: { path: "/api/v1/responses", members: ["max_output_tokens", "max_tokens", "n"], rest: '"model":"public","store":false,"input":"hi"' },
  am: { path: "/api/v1/messages", members: ["max_tokens", "max_tokens_to_sample", "n"], rest: '"model":"public","messages":[{"role":"user","content":"hi"}]' },
  gm: { path: "/api/v1beta/models/public:generateContent", members: ["maxOutputTokens", "max_output_tokens", "candidateCount", "candidate_count"], rest: '"contents":[{"role":"user","parts":[{"text":"hi"}]}]', within: "generationConfig" },
}

const lie = fc.oneof(
  fc.constantFrom("0", "-0", "-1", "1", "2", "200", "128", "129", "1.5", "1e3", "1e309", "-1e309", "9007199254740993", "99999999999999999999", "1e-7", '"5"', '"1e9"', '""', "null", "true", "[]", "[5]", "{}", '{"valueOf":5}'),
  fc.integer().map(String),
)
const lies = (names: readonly string[]) => fc.array(fc.tuple(fc.constantFrom(...names), lie), { minLength: 1, maxLength: 4 })

describe.each(Object.keys(doors))("through %s", (door) => {
  test("no bound on output makes a call cost more than its hold, or reach a provider unbounded", async () => {
    const { path, members, rest, within } = doors[door]!
    await fc.assert(
      fc.asyncProperty(lies(members), async (said) => {
        const text = said.map(([name, value]) => `"${name}":${value}`).join(",")
        const one = target(channel("a"))
        const on = bench({ config: config(model("public", [one], { outputTokensMax: OUTPUT_TOKENS_MAX })), principal: principal({ quotas: [quota({ limit: LIMIT })] }) })
        on.upstream.script.push(whole(500, { error: { message: "no" } }))
        const answer = await on.start({ path, body: within === undefined ? `{${rest},${text}}` : `{${rest},"${within}":{${text}}}`, headers: { authorization: "Bearer sk-tp-1", "anthropic-version": "2023-06-01" } }).over
        const [call] = on.upstream.calls
        expect([on.quotas.openHolds(), on.quotas.spent()]).toEqual([0, 0n])
        if (call === undefined) return void expect([400, 402]).toContain(answer.status)
        const held = on.opened[0]!.holdNanoUsd
        expect(held > 0n && held <= LIMIT).toBe(true)
        const bounds = ["max_tokens", "max_completion_tokens"].flatMap((name) => (name in call.body ? [call.body[name]] : []))
        const choices = (call.body["n"] ?? 1) as number
        for (const bound of bounds) expect(bound === null || (Number.isSafeInteger(bound) && (bound as number) >= 0), String(bound)).toBe(true)
        const most = Math.max(...bounds.map((bound) => (bound === null ? OUTPUT_TOKENS_MAX : (bound as number))), bounds.length === 0 ? OUTPUT_TOKENS_MAX : 0)
        expect(BigInt(most) * BigInt(choices) * NANO_USD_PER_TOKEN <= held, `${most} × ${choices} for ${held}`).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})
