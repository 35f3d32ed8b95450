import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { Answer, Behaviour } from "#e2e/fixtures/behaviour.ts"
import type { Exchange } from "#e2e/fixtures/exchange.ts"
import { chargeOf, createStage, keys, mounts, type Stage } from "#e2e/gateway/stage.ts"
import type { Usage } from "#lib/kernel/usage.ts"
import { clientsAt, majors } from "./clients.ts"
import { type Asked, type Cannot, type Said, type Talker, type ToolResult, weather } from "./talker.ts"
import { dialectOf, forcedChoice, type Kind, kindNames, kinds, type KindName, signatureOf } from "./upstreams.ts"

/** Every client, in its newest major and the one before, asks every kind of upstream for everything, on both mounts. */

const ofKinds = <T>(value: (kind: Kind) => T) => Object.fromEntries(kindNames.map((name) => [name, value(kinds[name])])) as Record<KindName, T>

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ plain: kindNames, backed: [], elsewhere: ofKinds(({ upstream }) => upstream), upstreamNames: ofKinds(({ model }) => model) })
})
afterEach(() => stage.simulator.reset())
afterAll(() => stage?.stop())

const PROMPT = "What is the weather in Köln?"
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const usage = { input: 40, cacheRead: 100, output: 7 }
const calls = [
  { id: "call_1", name: "weather", arguments: '{"city":"Köln"}' },
  { id: "call_2", name: "weather", arguments: '{"city":"Bonn"}' },
]
const THINKING = "The person asks for Köln."
type Talk = (asked: Partial<Asked>) => Promise<Said>

describe.each(mounts)("the %s mount", (mount) => {
  describe.each(majors)("%s majors", (major) => {
    // The origin is known when the stage stands: each test makes its client.
    const names = clientsAt({ major, origin: "http://127.0.0.1", key: keys.open }).map(({ name, speaks, cannot }) => ({ name, speaks, cannot }))
    describe.each(names)("$name", ({ name, speaks, cannot }) => {
      const talker = (): Talker => clientsAt({ major, origin: stage.servers[mount].origin, key: keys.open }).find((one) => one.name === name)!

      describe.each(kindNames)("over %s", (kindName) => {
        const kind: Kind = kinds[kindName]
        const dialect = dialectOf(kindName, speaks)
        const signature = signatureOf(kind, dialect, THINKING)
        const talk: Talk = (asked) => talker().ask({ model: kindName, prompt: PROMPT, streamed: false, ...asked })
        const script = (...behaviours: readonly Behaviour[]) => stage.simulator.script(kind.model, ...behaviours)
        const answer = (said: Answer) => script({ answer: said })
        const exchanges = (): readonly Exchange[] => stage.simulator.exchanges
        const can = (one: keyof Cannot) => cannot[one] === undefined

        test.each([false, true])("says what the model said, and what it used (streamed: %s)", async (streamed) => {
          answer({ text: "Rain, 12 °C.", usage })
          let pieces = 0
          const said = await talk({ streamed, onText: () => pieces++ })
          expect(said).toMatchObject({ text: "Rain, 12 °C.", finish: "stop", calls: [], usage: { input: 140, cached: 100, output: 7 } })
          expect(pieces > 1).toBe(streamed)
          expect(exchanges().map((exchange) => exchange.dialect)).toEqual([dialect])
        })

        test.each([false, true])("runs a tool loop with parallel calls (streamed: %s)", async (streamed) => {
          script({ answer: { toolCalls: calls } }, { answer: { text: "Rain." } })
          const said = await talk({ streamed, tool: weather })
          expect(said.finish).toBe("tools")
          expect(said.calls.map(({ name: tool, input }) => [tool, input])).toEqual([["weather", { city: "Köln" }], ["weather", { city: "Bonn" }]])
          expect(new Set(said.calls.map(({ id }) => id)).size).toBe(2)
          const after = await talk({ streamed, tool: weather, before: { said, results: resultsOf(said) } })
          expect(after).toMatchObject({ text: "Rain.", finish: "stop" })
          for (const result of ["12 °C", "13 °C"]) expect(exchanges()[1]!.bodyText).toContain(result)
        })

        test("makes the model call a tool", async () => {
          answer({ toolCalls: calls.slice(0, 1) })
          expect((await talk({ tool: weather, forced: true })).calls).toMatchObject([{ name: "weather", input: { city: "Köln" } }])
          expect(exchanges()[0]!.body).toMatchObject(forcedChoice[dialect])
        })

        test("gets an object of its schema", async () => {
          answer({ text: '{"city":"Köln","degrees":12}' })
          const schema = { type: "object", properties: { city: { type: "string" }, degrees: { type: "number" } }, required: ["city", "degrees"], additionalProperties: false }
          expect(JSON.parse((await talk({ schema })).text)).toEqual({ city: "Köln", degrees: 12 })
          expect(exchanges()[0]!.bodyText).toContain("degrees")
        })

        test("shows a picture", async () => {
          await talk({ image: PNG })
          expect(exchanges()[0]!.bodyText).toContain(PNG)
        })

        if (can("thinking") && kind.thinksHidden !== true) test.each([false, true])("shows thinking (streamed: %s)", async (streamed) => {
          answer({ reasoning: THINKING, text: "Rain." })
          expect(await talk({ streamed, thinks: true })).toMatchObject({ reasoning: THINKING, text: "Rain." })
        })

        if (can("signatures") && signature !== null) test.each(can("streamed signatures") ? [false, true] : [false])("gives signed thinking back as it came (streamed: %s)", async (streamed) => {
          script({ answer: { reasoning: THINKING, toolCalls: calls.slice(0, 1) } }, { answer: { text: "Rain." } })
          const said = await talk({ streamed, tool: weather, thinks: true })
          expect(await talk({ streamed, tool: weather, thinks: true, before: { said, results: resultsOf(said) } })).toMatchObject({ text: "Rain." })
          expect(exchanges()[1]!.bodyText).toContain(signature)
        })

        if (can("stop words")) test("ends at a stop word", async () => {
          await talk({ stop: "ENOUGH" })
          if (dialect !== "rs") expect(exchanges()[0]!.bodyText).toContain("ENOUGH")
        })

        test("knows errors by their status", async () => {
          const status = async (work: Promise<unknown>) => talker().statusOf(await work.then(() => new Error("it succeeded"), (error: unknown) => error))
          expect(await status(talk({ model: "no-such-model" }))).toBe(404)
          // Of a kind that rests no credential: the next test asks the same one.
          script({ refusal: { status: 400, message: "Too hot." } })
          expect(await status(talk({}))).toBe(400)
        })

        test("fails where a stream breaks off in an error", async () => {
          script({ answer: { text: "word ".repeat(50) }, delivery: { cut: { atFrame: 12, by: "errorEvent" } } })
          await expect(talk({ streamed: true })).rejects.toThrow()
        })

        test("leaves in the middle of a stream, and the upstream is left too", async () => {
          script({ answer: { text: "word ".repeat(200) }, delivery: { frameEveryMs: 20 } })
          const departure = new AbortController()
          await expect(talk({ streamed: true, signal: departure.signal, onText: () => departure.abort() })).rejects.toThrow()
          await stage.simulator.waitFor((exchange) => exchange.outcome === "clientGone", 3_000)
        })
      })

      test("gives up waiting for any kind of upstream, and each is left too", async () => {
        stage.simulator.decide(() => ({ delivery: { stallBeforeHead: true } }))
        await Promise.all(
          kindNames.map(async (kind) => {
            await expect(talker().ask({ model: kind, prompt: PROMPT, streamed: false, timeoutMs: 300 })).rejects.toThrow()
            await stage.simulator.waitFor(({ model, outcome }) => model === kinds[kind].model && outcome === "clientGone", 3_000)
          }),
        )
      })
    })
  })
})

test("every complete call is charged what it used, and the books add up", async () => {
  const rows = await stage.installation.query<{ usage: Usage; charged: string }>("SELECT usage, charged_nano_usd AS charged FROM usage_record WHERE status = 'complete'")
  expect(rows.length).toBeGreaterThan(500)
  for (const { usage: used, charged } of rows) expect(BigInt(charged), JSON.stringify(used)).toBe(chargeOf(used))
})

const resultsOf = ({ calls: made }: Said): readonly ToolResult[] => made.map(({ id, name }, index) => ({ id, name, output: `${12 + index} °C` }))
